import type { Assessment } from '../../../assess/assess.js';
import type { Snapshot } from '../../../assess/snapshot/pool-snapshot.js';
import { DEFAULT_RPS } from '../../../migrate/calls/quotas.js';
import { readText } from '../../../migrate/files/read-text.js';
import { replaceFile } from '../../../migrate/files/replace-file.js';
import { DEFAULT_ATTRIBUTE } from '../../../users/legacy-id-names.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../define-command.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, PRICE, READ_OPTIONS } from '../../options/common.js';
import { ENDURING_OPTIONS } from '../../options/enduring.js';
import {
  commandLineOnly,
  fileOption,
  flagOption,
  numberOption,
  oneOfOption,
  pairsOption,
  refuseTogether,
  type Settings,
} from '../../options/option.js';
import { quoted } from '../../options/read-options.js';
import { legacyPoolAddress, newPoolAddress, refuseOthers, requireLegacyPoolIds } from '../../pools.js';
import { briefLines, type Rest } from './brief.js';
import { assessmentLines } from './text.js';

const { state: _noState, ...POOL_OPTIONS } = COMMON_OPTIONS;

const OPTIONS = {
  ...POOL_OPTIONS,
  tokenUse: oneOfOption('<use>', 'tokens that your APIs accept: id, access or any (default: any)', [
    'id',
    'access',
    'any',
  ]),
  providerMap: pairsOption('<old=new>', 'identity provider that has another name in the new pool; repeatable'),
  failOn: oneOfOption(
    '<severity>',
    'exit with code 1 for findings of this severity or worse: blocker or warning (default: blocker)',
    ['blocker', 'warning'],
  ),
  all: commandLineOnly(flagOption('print everything, with the fix of each finding (default: two screens)')),
  html: fileOption('<file>', 'write the report to this file, as one self-contained page'),
  saveSnapshot: fileOption('<file>', 'save what was read, to assess it again later; contains no user'),
  snapshot: fileOption('<file>', 'assess what --save-snapshot saved, instead of the pools'),
  ...ENDURING_OPTIONS,
  ...READ_OPTIONS,
  ...PACE_OPTIONS,
  mauPrice: numberOption(
    '<usd>',
    "price of a monthly active user of the new pool in US dollars (default: the list price of the pool's plan)",
    PRICE,
  ),
  legacyMauPrice: numberOption('<usd>', 'the same for the legacy pool (default: the list price of its plan)', PRICE),
};

export const assessCommand = defineCommand({
  name: 'assess',
  stage: 'before',
  summary: 'find out what this migration involves, and what to do first',
  description:
    'Reads both pools, or only the legacy pool if the new one does not exist yet. Reports where users sign in, which settings differ, what blocks the migration, what it costs, and which way of migrating fits which users. Writes nothing to a pool.',
  examples: [
    'cognito-cutover assess --legacy-pool eu-west-1_Old --new-pool eu-west-1_New --html assess.html',
    'cognito-cutover assess --legacy-pool eu-west-1_Old --save-snapshot before.json',
    'cognito-cutover assess --snapshot before.json --fail-on warning --json > assess.json',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const {
      attribute = DEFAULT_ATTRIBUTE,
      tokenUse = 'any',
      providerMap = {},
      rps = DEFAULT_RPS,
      mauPrice,
      legacyMauPrice,
    } = settings;
    const snapshot = settings.snapshot === undefined ? await read(settings, context) : await load(settings);
    if (settings.saveSnapshot !== undefined) {
      const { formatSnapshot } = await import('../../../assess/snapshot/snapshot-file.js');
      await replaceFile('--save-snapshot', settings.saveSnapshot, [formatSnapshot(snapshot)]);
    }
    const { assess } = await import('../../../assess/assess.js');
    const { assessmentFails } = await import('../../../assess/verdict.js');
    const assessment = assess(snapshot, {
      now: context.clock.now(),
      options: { attribute, tokenUse, providerMap, rps, mauPrice, legacyMauPrice },
    });
    if (settings.html !== undefined) {
      const { assessmentPage } = await import('./page.js');
      await replaceFile('--html', settings.html, [assessmentPage(assessment)]);
    }
    return {
      json: assessment,
      attention: assessmentFails(assessment, settings.failOn),
      summary: summaryOf(assessment, settings, context),
      isFolded: true,
    };
  },
});

type AssessSettings = Settings<typeof OPTIONS>;

/** Columns of output that is not a terminal. */
const COLUMNS = 100;

function summaryOf(assessment: Assessment, settings: AssessSettings, context: CommandContext): string[] {
  const { colours, stdout } = context;
  const columns = stdout.isTTY ? stdout.columns : undefined;
  if (settings.all === true) return assessmentLines(assessment, colours, columns);
  return briefLines(assessment, { colours, width: columns ?? COLUMNS }, rest(settings, context));
}

/** The command that prints the rest: from what was saved, if it was, because reading the pools again may take long. */
function rest({ snapshot, saveSnapshot }: AssessSettings, { given, again }: CommandContext): Rest {
  if (saveSnapshot === undefined || !given('saveSnapshot')) {
    return { command: again('assess --all'), readsAgain: snapshot === undefined };
  }
  const saved = quoted(saveSnapshot);
  const command = again(`assess --all --snapshot ${saved}`).replace(` --save-snapshot ${saved}`, '');
  return { command, readsAgain: false };
}

async function read(settings: AssessSettings, context: CommandContext): Promise<Snapshot> {
  const { newPool, readRps } = settings;
  const legacy = requireLegacyPoolIds(settings).map((id) => legacyPoolAddress(id, settings));
  const next = newPool === undefined ? undefined : newPoolAddress(newPool, settings);
  const { readPools } = await import('./read-pools.js');
  return readPools(legacy, next, defined({ readRps }), context);
}

async function load(settings: AssessSettings): Promise<Snapshot> {
  const { snapshot: path = '', saveSnapshot } = settings;
  if (saveSnapshot !== undefined) refuseTogether('--save-snapshot', '--snapshot');
  const { parseSnapshot } = await import('../../../assess/snapshot/snapshot-file.js');
  const snapshot = parseSnapshot('--snapshot', await readText('--snapshot', path));
  const legacyPools = snapshot.legacy.map(({ userPoolId }) => userPoolId);
  refuseOthers(settings, { legacyPools, newPool: snapshot.new?.userPoolId ?? null }, path);
  return snapshot;
}
