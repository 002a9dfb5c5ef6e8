import { stopwatch } from '../../../clock.js';
import { countForAPerson, nightNeedsAPerson } from '../../../migrate/control/attention.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../define-command.js';
import {
  COMMON_OPTIONS,
  defined,
  PACE_OPTIONS,
  READ_OPTIONS,
  REMOVAL_OPTIONS,
  WRITE_OPTIONS,
} from '../../options/common.js';
import { ENDURING_OPTIONS } from '../../options/enduring.js';
import { countOption, type Settings } from '../../options/option.js';
import { withPlannedPool, withState } from '../../pools.js';
import { APPLY_OPTIONS, applyPlan } from '../apply.js';
import { askBeforeWriting } from '../confirm.js';
import { PLAN_OPTIONS, planPools } from '../plan.js';
import { publishPlan, TARGET_OPTION } from '../publish/command.js';
import { removalsOf } from '../publish/removals.js';
import type { SyncResult } from './result.js';
import { syncLines } from './text.js';

const OPTIONS = {
  ...COMMON_OPTIONS,
  ...PLAN_OPTIONS,
  ...APPLY_OPTIONS,
  ...ENDURING_OPTIONS,
  to: TARGET_OPTION,
  mostWrites: countOption(
    '<number>',
    "maximum writes in one run (default: a tenth of the new pool's users, at least 1000)",
    0,
  ),
  mostForAPerson: countOption(
    '<number>',
    'maximum users who need a person; if given, that many do not cause exit code 1 (default: as many as after the previous plan, plus 1 % of the users, at least 100)',
    0,
  ),
  ...REMOVAL_OPTIONS,
  ...READ_OPTIONS,
  ...PACE_OPTIONS,
  ...WRITE_OPTIONS,
};

/** Also what others are told is at work, whichever step it is at. */
const NAME = 'sync';

type SyncSettings = Settings<typeof OPTIONS>;
type Progress = { -readonly [K in keyof SyncResult]: SyncResult[K] };

export const syncCommand = defineCommand({
  name: NAME,
  stage: 'cutover',
  summary: 'plan, check, apply, verify, publish: one command every night',
  description:
    'Makes a plan and checks that it is not unusual. Then writes what is certain, even if other users need a person, verifies it and, with --to, publishes it. If the plan is unusual (too many writes, removals or users who need a person), it stops there and exits with code 1. You can stop it at any time and run it again.',
  examples: [
    'cognito-cutover sync --config cutover.json --yes --json > sync.json',
    'cognito-cutover sync --config cutover.json --to mapping.ndjson --yes',
    'cognito-cutover sync --config cutover.json --reuse-legacy-listing --most-for-a-person 250 --yes',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const passed = stopwatch(context.clock);
    const startedAt = passed();
    const done: Progress = { plan: null, guards: [], apply: null, verify: null, publish: null, seconds: 0 };
    const result = (): SyncResult => ({ ...done, seconds: Math.round(passed() - startedAt) / 1000 });
    try {
      await night(settings, context, done);
    } catch (error) {
      if (error instanceof MigrationError) error.partial = { ...result(), step: stepOf(done), partial: error.partial };
      throw error;
    }
    const ended = result();
    return {
      json: ended,
      attention: nightNeedsAPerson(ended, settings.mostForAPerson),
      summary: syncLines(ended, context),
    };
  },
});

async function night(settings: SyncSettings, context: CommandContext, done: Progress): Promise<void> {
  const { to, mostWrites, mostForAPerson, allowRemovals } = settings;
  const confirm = askBeforeWriting('Write', settings.yes, context);
  const { dropMeasure, judgePlan } = await import('../../../migrate/control/plan-guards.js');
  const forAPersonBefore = await countBefore(settings);
  const { planNumber, requirePlanNumber } = await import('../../../migrate/state/finished-plan.js');
  let plan = 0;
  done.plan = await planPools(settings, context, {
    // What was begun days ago says nothing about tonight.
    fresh: settings.fresh || 'when-old',
    command: NAME,
    allowWritableAttribute: settings.allowWritableAttribute,
    onPlanned: (state) => {
      plan = planNumber(state);
    },
  });
  const { newUsers, writes, outcomes } = done.plan;
  done.guards = judgePlan(
    {
      newUsers,
      writes,
      forAPerson: countForAPerson(outcomes),
      forAPersonBefore,
      removals: to === undefined ? undefined : await withState(settings, 'read', (state) => removalsOf(state, to)),
    },
    defined({ writes: mostWrites, forAPerson: mostForAPerson, removals: allowRemovals }),
  );
  if (done.plan.inForce === false || done.guards.some(({ ok }) => !ok)) return;
  await withState(settings, 'control', async (state) => dropMeasure(state));
  if (writes > 0) {
    done.apply = (await applyPlan(settings, { confirm, plan }, context, NAME)).result;
    // Declined: nothing more is to be done.
    if (done.apply.attempts === 0 && done.apply.remaining > 0) return;
  }
  const { listingAfter, runVerify } = await import('../../../migrate/verify.js');
  const { signal, clock, screen } = context;
  const listing = listingAfter(newUsers, done.apply);
  const how = { listing, ...defined({ readRps: settings.readRps, patienceMs: settings.patience }) } as const;
  done.verify = await withPlannedPool(
    settings,
    (opened) => {
      requirePlanNumber(opened.state, plan);
      return runVerify({ ...opened, ...how, signal, clock, onProgress: screen.progress });
    },
    'verify',
    NAME,
  );
  if (to === undefined) return;
  const published = await withState(
    settings,
    'publish',
    (state) => {
      requirePlanNumber(state, plan);
      return publishPlan(state, to, { again: false, ...defined({ allowRemovals }) }, context);
    },
    NAME,
  );
  done.publish = { to: to.name, ...published };
}

/** Users who needed a person after the last finished plan that held; `undefined` if there is none. */
async function countBefore(settings: SyncSettings): Promise<number | undefined> {
  const { readStatus } = await import('../../../migrate/report.js');
  const { keepMeasure } = await import('../../../migrate/control/plan-guards.js');
  try {
    return await withState(settings, 'control', async (state) => {
      const { plan } = readStatus(state);
      return plan && keepMeasure(state, countForAPerson(plan.outcomes));
    });
  } catch (error) {
    if (error instanceof MigrationError && error.code === 'ERR_STATE_NOT_READY') return undefined;
    throw error;
  }
}

/** What a run was doing when it stopped. */
function stepOf({ plan, guards, apply, verify }: SyncResult): string {
  if (plan === null || guards.length === 0) return 'plan';
  if (apply === null && plan.writes > 0) return 'apply';
  return verify === null ? 'verify' : 'publish';
}
