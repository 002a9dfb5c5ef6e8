import { planForAPerson } from '../../migrate/control/attention.js';
import { checkMappingFile, readMappingFiles } from '../../migrate/matching/mapping-file.js';
import { DEFAULT_MATCH, type MatchRule } from '../../migrate/matching/policy.js';
import type { PlanResult } from '../../migrate/results.js';
import type { PlanOptions } from '../../migrate/run-options.js';
import type { State } from '../../migrate/state/state.js';
import { checkString, refuse } from '../../options.js';
import { type CommandContext, type CommandResult, defineCommand } from '../define-command.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, poolId, READ_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import {
  type CliOptions,
  commandLineOnly,
  flagOption,
  listOption,
  matching,
  optional,
  pairsOption,
  refuseWithout,
  type Settings,
  severalOption,
  valueOption,
} from '../options/option.js';
import { bothPoolIds, withNewPlan } from '../pools.js';
import { formatUsers } from '../terminal/format.js';
import type { Colours } from '../terminal/terminal.js';
import { estimateLines, groupLines, outcomeLines, stampedLines } from '../wording/summary.js';

const NAMED_RULES = ['mapping', 'identity', 'username', 'email', 'phone'] as const;

function matchRule(name: string, value: unknown): MatchRule {
  const named = NAMED_RULES.find((rule) => rule === value);
  if (named !== undefined) return named;
  if (typeof value === 'string' && /^attribute:\S+$/.test(value))
    return `attribute:${value.slice('attribute:'.length)}`;
  return refuse(name, `one of ${NAMED_RULES.join(', ')}, attribute:NAME`, value);
}

const mappingPath = (name: string, value: unknown) => checkString(name, value, 'the path of a file');
const providerName = matching(/^\S{1,32}$/, 'the name of an identity provider of the new pool');

/** How users are matched. */
export const PLAN_OPTIONS = {
  match: listOption(
    '<rules>',
    `rules that match users: ${NAMED_RULES.join(', ')}, attribute:NAME (default: ${DEFAULT_MATCH.join(',')})`,
    matchRule,
  ),
  mapping: severalOption(
    '<file>',
    'CSV file with the columns new_username,legacy_sub, or one that import-csv wrote; takes precedence over every rule; repeatable',
    mappingPath,
  ),
  providerMap: pairsOption(
    '<old=new>',
    'identity provider that has another name in the new pool; a name given here matches nothing else (Okta=Okta keeps a name); repeatable',
  ),
  legacyProvider: valueOption(
    '<name>',
    'identity provider of the new pool that is the legacy pool itself: its user ids are legacy subs',
    providerName,
  ),
  trustProviderEmail: severalOption(
    '<name>',
    'identity provider of either pool whose e-mail addresses and phone numbers count as verified; repeatable',
    matching(/^\S{1,32}$/, 'the name of an identity provider'),
  ),
  allowWritableMatch: flagOption('match by attribute:NAME although users can write NAME in one of the pools'),
  prefer: severalOption(
    '<pool>',
    'legacy pool to choose where a person has accounts in several; repeatable, the first takes precedence',
    poolId,
  ),
  // If not given, it depends on the pools; `false` in the config file means no.
  trustUsernames: optional(
    flagOption(
      'match by username alone, without a verified e-mail address or phone number (default: only if both pools are closed for sign-up)',
    ),
  ),
  trustAttribute: flagOption(
    'accept an existing value that is the sub of a legacy user, if nobody else holds it and no rule contradicts it; refused while an app client or identity provider can write it',
  ),
  stampNewBorn: flagOption('write their own sub to users who have no legacy user'),
  groups: flagOption('also plan missing groups and memberships'),
  copyRoles: flagOption(
    'with --groups: create groups with the IAM role they have in the legacy pool; check what the roles allow',
  ),
  fresh: commandLineOnly(flagOption('start again instead of continuing an unfinished plan')),
  reuseLegacyListing: flagOption(
    'use the legacy users as the last plan listed them; refused unless the legacy pool is closed for sign-up',
  ),
} satisfies CliOptions;

const OPTIONS = { ...COMMON_OPTIONS, ...PLAN_OPTIONS, ...ENDURING_OPTIONS, ...READ_OPTIONS, ...PACE_OPTIONS };

export const planCommand = defineCommand({
  name: 'plan',
  stage: 'backfill',
  summary: 'match the users of both pools and decide what to write',
  description:
    'Lists both pools, matches their users and decides what to write. Writes nothing to a pool. After an interruption, run it again to continue.',
  examples: [
    'cognito-cutover plan --legacy-pool eu-west-1_Old --new-pool eu-west-1_New',
    'cognito-cutover plan --config cutover.json --match mapping,username --mapping decided.csv',
    'cognito-cutover plan --config cutover.json --groups',
    'cognito-cutover plan --config cutover.json --json > plan.json',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { colours, again } = context;
    const plan = await planPools(settings, context);
    const forAPerson = planForAPerson(plan);
    return {
      json: plan,
      attention: forAPerson > 0,
      summary: [
        colours.bold(
          `Plan of ${formatUsers(plan.newUsers)} in the new pool, ${formatUsers(plan.legacyUsers)} in the legacy pool`,
        ),
        '',
        ...outcomeLines(plan, colours),
        ...(plan.groups === undefined ? [] : ['', ...groupLines(plan.groups, colours)]),
        '',
        plan.writes > 0 ? 'Writing takes:' : 'There is nothing to write.',
        ...(plan.writes > 0 ? estimateLines(plan) : []),
        '',
        ...(forAPerson > 0
          ? [
              `Need a person: ${formatUsers(forAPerson)}. See why, and what to do:`,
              `  ${again('report --html report.html')}`,
            ]
          : []),
        ...(plan.stamped === undefined ? [] : ['', ...stampedLines(plan.stamped), '']),
        ...refusalLines(plan, colours),
        nextStep(plan, again),
      ],
    };
  },
});

interface PlanHow extends Pick<PlanOptions, 'fresh' | 'allowWritableAttribute'> {
  readonly onPlanned?: (state: State) => void;
  /** What others are told is at work. */
  readonly command?: string;
}

/** Makes a plan of the pools. */
export async function planPools(
  settings: Settings<typeof OPTIONS>,
  { screen, signal, clock }: CommandContext,
  { fresh = settings.fresh, onPlanned, command = 'plan', allowWritableAttribute = false }: PlanHow = {},
): Promise<PlanResult> {
  // Everything that can be checked without the pools is checked before a state file is created.
  bothPoolIds(settings);
  const { groups: withGroups, copyRoles } = settings;
  if (copyRoles && !withGroups) refuseWithout('--copy-roles', '--groups');
  const { match, providerMap, legacyProvider, trustUsernames, readRps, rps, mauPrice, attribute } = settings;
  const { patience: patienceMs, mapping: paths, trustProviderEmail, prefer } = settings;
  for (const path of paths ?? []) await checkMappingFile('--mapping', path);
  const mapping = paths === undefined ? undefined : readMappingFiles('--mapping', paths);
  const { runPlan } = await import('../../migrate/plan.js');
  return withNewPlan(
    settings,
    async ({ groups, ...opened }) => {
      const result = await runPlan({
        ...opened,
        ...(withGroups ? { groups: { ...groups, copyRoles } } : {}),
        ...defined({ match, providerMap, legacyProvider, readRps, rps, mauPrice, attribute, mapping, trustUsernames }),
        ...defined({ trustProviderEmail, prefer }),
        stampNewBorn: settings.stampNewBorn,
        trustAttribute: settings.trustAttribute,
        ...defined({ fresh }),
        reuseLegacyListing: settings.reuseLegacyListing,
        allowWritableMatch: settings.allowWritableMatch,
        allowWritableAttribute,
        ...defined({ patienceMs }),
        signal,
        clock,
        onProgress: screen.progress,
      });
      onPlanned?.(opened.state);
      return result;
    },
    command,
  );
}

/** What must be repaired before apply, as it was found when the plan began. */
function refusalLines({ applyRefuses = [] }: PlanResult, { yellow }: Colours): string[] {
  if (applyRefuses.length === 0) return [];
  const found = applyRefuses.flatMap(({ message, fix }) => [
    `- ${message}.`,
    ...fix.split('\n').map((line) => `  ${line}`),
  ]);
  return [yellow('apply will refuse to write until this is repaired:'), ...found, ''];
}

function nextStep({ inForce, writes, applyRefuses }: PlanResult, again: CommandContext['again']): string {
  if (inForce === false)
    return `The plan is not in force yet. When the running command has ended, run:\n  ${again('plan')}`;
  const when = applyRefuses === undefined ? 'Next' : 'Then';
  return writes > 0 ? `${when}, write it:\n  ${again('apply')}` : `Next, verify:\n  ${again('verify')}`;
}
