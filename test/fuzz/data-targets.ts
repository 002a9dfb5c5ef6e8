import { awsAnswers } from './data/aws-answers.js';
import { cliConfig } from './data/cli-config.js';
import { csvFiles } from './data/csv-files.js';
import { sharedStores } from './data/shared-stores.js';
import { stateFiles } from './data/state-files.js';
import type { FuzzTarget } from './fuzz-target.js';

/** What the command line reads: AWS, files, the state, its environment. */
export const DATA_TARGETS: readonly FuzzTarget[] = [awsAnswers, csvFiles, cliConfig, stateFiles, sharedStores];
