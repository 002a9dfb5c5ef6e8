import { awsAnswers } from './data/aws-answers.js';
import { cliConfig } from './data/cli-config.js';
import { csvFiles } from './data/csv-files.js';
import { handoverEvents } from './data/handover/handover-events.js';
import { importHeader } from './data/handover/import-header.js';
import { providerMap } from './data/handover/provider-map.js';
import { assessSnapshots } from './data/read-again/assess-snapshots.js';
import { controlValues } from './data/read-again/control-values.js';
import { publishedValues } from './data/read-again/published-values.js';
import { sharedStores } from './data/shared-stores.js';
import { stateFiles } from './data/state-files.js';
import { environment } from './data/surroundings/environment.js';
import type { FuzzTarget } from './fuzz-target.js';

/** What the command line reads: AWS, files, the state, its environment. And what a hand-over is asked. */
export const DATA_TARGETS: readonly FuzzTarget[] = [
  ...[awsAnswers, csvFiles, cliConfig, environment, stateFiles, controlValues, assessSnapshots],
  ...[sharedStores, publishedValues, importHeader, providerMap, handoverEvents],
];
