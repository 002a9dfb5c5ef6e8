import type { Severity } from '../../../assess/finding.js';
import type { Snapshot } from '../../../assess/snapshot/pool-snapshot.js';
import { ConfigurationError } from '../../../errors.js';
import { readText } from '../../../migrate/files/read-text.js';
import { DEFAULT_ATTRIBUTE } from '../../../users/legacy-id-names.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../define-command.js';
import { replaceFile } from '../../files/replace-file.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, READ_OPTIONS } from '../../options/common.js';
import { ENDURING_OPTIONS } from '../../options/enduring.js';
import { fileOption, numberOption, oneOfOption, pairsOption, type Settings } from '../../options/option.js';
import { legacyPoolAddress, newPoolAddress, refuseOthers, requireLegacyPoolIds } from '../../pools.js';
import { assessmentLines } from './text.js';

const { state: _noState, ...POOL_OPTIONS } = COMMON_OPTIONS;

const PRICE = { min: 0, max: 100 };

const OPTIONS = {
  ...POOL_OPTIONS,
  tokenUse: oneOfOption('<use>', 'tokens the APIs accept: id, access or any (default: any)', ['id', 'access', 'any']),
  providerMap: pairsOption('<old=new>', 'an identity provider that is named differently in the new pool; repeatable'),
  failOn: oneOfOption(
    '<severity>',
    'exit with 1 for findings of this severity and worse: blocker or warning (default: blocker)',
    ['blocker', 'warning'],
  ),
  html: fileOption('<file>', 'write the report as one self-contained page'),
  saveSnapshot: fileOption('<file>', 'keep what was read, to judge it again later; holds no user'),
  snapshot: fileOption('<file>', 'judge what was read before, without the pools'),
  ...ENDURING_OPTIONS,
  ...READ_OPTIONS,
  ...PACE_OPTIONS,
  mauPrice: numberOption(
    '<usd>',
    "price of a monthly active user of the new pool (default: its plan's list price)",
    PRICE,
  ),
  legacyMauPrice: numberOption('<usd>', "the same of the legacy pool (default: its plan's list price)", PRICE),
};

export const assessCommand = defineCommand({
  name: 'assess',
  summary: 'what a migration of these pools will meet, and what to do about it',
  description:
    'Reads the pools, or the legacy pool alone before the new one exists, and answers what a migration will meet: who lives where, what differs, what blocks, what it costs, and which way fits whom. Writes nothing to a pool.',
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
      rps = 10,
      mauPrice,
      legacyMauPrice,
    } = settings;
    const snapshot = settings.snapshot === undefined ? await read(settings, context) : await load(settings);
    if (settings.saveSnapshot !== undefined) {
      const { formatSnapshot } = await import('../../../assess/snapshot/snapshot-file.js');
      await replaceFile('--save-snapshot', settings.saveSnapshot, [formatSnapshot(snapshot)]);
    }
    const { assess } = await import('../../../assess/assess.js');
    const assessment = assess(snapshot, {
      now: context.clock.now(),
      options: { attribute, tokenUse, providerMap, rps, mauPrice, legacyMauPrice },
    });
    if (settings.html !== undefined) {
      const { assessmentPage } = await import('./page.js');
      await replaceFile('--html', settings.html, [assessmentPage(assessment)]);
    }
    const failing: readonly Severity[] = settings.failOn === 'warning' ? ['blocker', 'warning'] : ['blocker'];
    const denied = assessment.notDetermined.some(({ missing }) => missing.some(({ reason }) => reason === 'denied'));
    return {
      json: assessment,
      attention: denied || assessment.findings.some(({ severity }) => failing.includes(severity)),
      summary: assessmentLines(assessment, context.colours),
    };
  },
});

type AssessSettings = Settings<typeof OPTIONS>;

async function read(settings: AssessSettings, context: CommandContext): Promise<Snapshot> {
  const { newPool, readRps } = settings;
  const legacy = requireLegacyPoolIds(settings).map((id) => legacyPoolAddress(id, settings));
  const next = newPool === undefined ? undefined : newPoolAddress(newPool, settings);
  const { readPools } = await import('./read-pools.js');
  return readPools(legacy, next, defined({ readRps }), context);
}

async function load(settings: AssessSettings): Promise<Snapshot> {
  const { snapshot: path = '', saveSnapshot } = settings;
  if (saveSnapshot !== undefined) throw new ConfigurationError('--save-snapshot', 'cannot be given with --snapshot');
  const { parseSnapshot } = await import('../../../assess/snapshot/snapshot-file.js');
  const snapshot = parseSnapshot('--snapshot', await readText('--snapshot', path));
  const legacyPools = snapshot.legacy.map(({ userPoolId }) => userPoolId);
  refuseOthers(settings, { legacyPools, newPool: snapshot.new?.userPoolId ?? null }, path);
  return snapshot;
}
