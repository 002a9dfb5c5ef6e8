import { ConfigurationError } from '../../../errors.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import {
  checkPlan,
  contradictionIn,
  PLAN_DATES,
  type PlanTimes,
  phaseAt,
  planOf,
  samePlan,
} from '../../../operate/phases/phase-plan.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../define-command.js';
import {
  commandLineOnly,
  flagOf,
  flagOption,
  required,
  underKeys,
  valueOption,
  wordOption,
} from '../../options/option.js';
import { type StoreAddress, storeAddress } from '../../options/store-address.js';
import { folded } from '../../terminal/wrapped.js';
import { requireAsker } from '../confirm.js';
import { type OpenPhaseStore, openPhaseStore } from './open-phase-store.js';
import { planDate, resolvedDate } from './plan-date.js';
import { changeLines, phaseLines } from './text.js';

const TO = '--to';

/** Where the phases are. */
export const PHASES_OPTION = valueOption(
  '<where>',
  'where the phases are: dynamodb://TABLE?region=REGION, redis://HOST:PORT or FILE.json',
  storeAddress('.json'),
);

const FOLLOW = 'Instances follow within their pollSeconds, 30 seconds unless createPhases is told otherwise.';

export const phaseCommand = defineCommand({
  name: 'phase',
  stage: 'serving',
  summary: 'show or set when legacy tokens are refused',
  description:
    'Shows or sets the dates that verifiers with createPhases follow without a restart: from when the end of the legacy pool is announced, from when people who sign in there are refused, and from when all of its tokens are. A date takes effect by itself, and can be moved or cleared at any time. Dates are like 2026-12-01, which is midnight UTC, or like 2026-12-01T09:00:00+01:00; now is the present, and never clears a date.',
  examples: [
    'cognito-cutover phase show --to redis://cache.example.com:6379',
    'cognito-cutover phase set --to redis://cache.example.com:6379 --announce-from now --accept-sign-ins-before 2026-12-01',
    'cognito-cutover phase set --to phases.json --accept-until never --yes',
  ],
  options: {
    action: wordOption('what to do with the dates (default: set those that are given, otherwise show)', [
      'show',
      'set',
    ]),
    to: underKeys(required(PHASES_OPTION), 'phases', 'to'),
    announceFrom: valueOption(
      '<date>',
      'from then on answers to legacy tokens carry Deprecation and Sunset headers',
      planDate,
    ),
    acceptSignInsBefore: valueOption('<date>', 'legacy tokens of people who sign in after it are refused', planDate),
    acceptUntil: valueOption('<date>', 'legacy tokens are refused after it', planDate),
    yes: commandLineOnly(flagOption('set the dates without asking')),
  },
  run: async ({ action, to, yes, ...dates }, context): Promise<CommandResult> => {
    // Dates of the config file are for the command that judges a token: showing or setting others must not set these.
    const given = PLAN_DATES.filter((date) => context.given(date));
    const [first] = given;
    if (action === 'show' && first !== undefined) {
      throw new ConfigurationError(flagOf(first), 'changes the dates: use phase set');
    }
    if (action === 'set' && first === undefined) {
      throw new ConfigurationError('phase set', `needs at least one of ${PLAN_DATES.map(flagOf).join(', ')}`);
    }
    const store = await openPhaseStore(TO, to);
    try {
      if (first === undefined) return await show(store, to, context);
      const now = context.clock.now();
      const change = (before: PlanTimes): PlanTimes => {
        const after = { ...before };
        for (const date of given) after[date] = resolvedDate(dates[date], before[date], now);
        return after;
      };
      return await set(store, to, change, yes, context);
    } finally {
      store.close();
    }
  },
});

async function show(store: OpenPhaseStore, to: StoreAddress, context: CommandContext): Promise<CommandResult> {
  const plan = await store.read(context.signal);
  const now = context.clock.now();
  const times = checkPlan('plan', plan);
  const isSet = plan !== undefined;
  return {
    json: { ...documentOf(to, times, now), isSet },
    attention: false,
    summary: isSet
      ? phaseLines(times, now, context.colours)
      : [`No dates are set in ${to.name}: verifiers that read it accept tokens of the legacy pool.`],
  };
}

async function set(
  store: OpenPhaseStore,
  to: StoreAddress,
  change: (before: PlanTimes) => PlanTimes,
  yes: boolean,
  context: CommandContext,
): Promise<CommandResult> {
  const { screen, signal, clock, colours } = context;
  const ask = requireAsker(yes, context);
  const found = await store.read(signal);
  const before = checkPlan('plan', found);
  const after = change(before);
  refuseContradiction(after, context);
  const result = (times: PlanTimes, changed: boolean, lines: readonly string[]): CommandResult => {
    const now = clock.now();
    return {
      json: { ...documentOf(to, times, now), isSet: changed || found !== undefined, changed, before: planOf(before) },
      attention: false,
      summary: [...lines, ...phaseLines(times, now, colours), ...(changed ? ['', FOLLOW] : [])],
    };
  };
  if (found !== undefined && samePlan(before, after)) return result(before, false, ['Nothing to change.']);
  const lines = [`Dates in ${to.name}:`, ...changeLines(before, after, clock.now())];
  const { isTTY, columns } = context.stderr;
  for (const line of folded(lines, isTTY ? columns : undefined)) screen.note(line);
  if (!(await ask('Set these dates?'))) return result(before, false, ['Nothing was changed.']);
  // Somebody else may have set others while the question was open.
  if (!samePlan(before, checkPlan('plan', await store.read(signal)))) {
    const fix = 'Nothing was changed. Run the same command again to see the dates that are there now.';
    throw new MigrationError('ERR_UNAVAILABLE', `The dates in ${to.name} were changed by somebody else meanwhile`, {
      fix,
    });
  }
  await store.write(planOf(after));
  return result(after, true, []);
}

function refuseContradiction(times: PlanTimes, { given }: CommandContext): void {
  const wrong = contradictionIn(times);
  if (wrong === undefined) return;
  const named = [wrong, 'acceptUntil' as const].filter((date) => given(date)).at(-1) ?? wrong;
  const other = named === 'acceptUntil' ? wrong : 'acceptUntil';
  const relation = named === 'acceptUntil' ? 'before' : 'after';
  const stands = given(other) ? '' : ', as it is set now: give both, or never for one of them';
  const date = new Date(times[other]).toISOString();
  throw new ConfigurationError(flagOf(named), `must not be ${relation} ${flagOf(other)} (${date}${stands})`);
}

const documentOf = (to: StoreAddress, times: PlanTimes, now: number): object => ({
  to: to.name,
  phase: phaseAt(times, now),
  plan: planOf(times),
});
