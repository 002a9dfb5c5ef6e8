import { ConfigurationError } from '../../errors.js';
import { DEFAULT_MATCH, type MatchRule } from '../../migrate/matching/policy.js';
import { refuse } from '../../options.js';
import { type CommandResult, defineCommand } from '../command.js';
import { checkMappingFile, readMappingFile } from '../files/mapping-file.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, READ_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { fileOption, flagOption, listOption, matching, optional, pairsOption, textOption } from '../options/option.js';
import { bothPoolIds, withNewPlan } from '../pools.js';
import { formatUsers } from '../terminal/format.js';
import { countForAPerson } from '../wording/outcomes.js';
import { estimateLines, groupLines, outcomeLines, stampedLines } from '../wording/summary.js';

const NAMED_RULES = ['mapping', 'identity', 'username', 'email', 'phone'] as const;

function matchRule(name: string, value: unknown): MatchRule {
  const named = NAMED_RULES.find((rule) => rule === value);
  if (named !== undefined) return named;
  if (typeof value === 'string' && /^attribute:\S+$/.test(value))
    return `attribute:${value.slice('attribute:'.length)}`;
  return refuse(name, `rules out of ${NAMED_RULES.join(', ')}, attribute:NAME`, value);
}

const providerName = matching(/^\S{1,32}$/, 'the name of an identity provider of the new pool');

export const planCommand = defineCommand({
  name: 'plan',
  summary: 'match the users of both pools and decide what to write',
  description:
    'Lists both pools, matches their users and decides what to write. Writes nothing to a pool. A plan that was interrupted goes on where it stopped.',
  examples: [
    'cognito-cutover plan --legacy-pool eu-west-1_Old --new-pool eu-west-1_New',
    'cognito-cutover plan --config cutover.json --match mapping,username --mapping decided.csv',
    'cognito-cutover plan --config cutover.json --groups',
    'cognito-cutover plan --config cutover.json --json > plan.json',
  ],
  options: {
    ...COMMON_OPTIONS,
    match: listOption('<rules>', `how users are recognised (default: ${DEFAULT_MATCH.join(',')})`, matchRule),
    mapping: fileOption('<file>', 'CSV new_username,legacy_sub of decided users; wins over every rule'),
    providerMap: pairsOption(
      '<old=new>',
      'an identity provider that is named differently in the new pool; a name used here means what it says here and nothing else (Okta=Okta: it stays); repeatable',
    ),
    legacyProvider: textOption(
      '<name>',
      'the identity provider of the new pool that is the legacy pool: its user ids are legacy subs',
      providerName,
    ),
    // Not given, it depends on the new pool; `false` in the config file is a no.
    trustUsernames: optional(flagOption('believe equal usernames that nothing verified backs')),
    trustAttribute: flagOption(
      'believe a value that is the sub of a legacy user, held by nobody else and contradicted by no rule; refused while an app client or identity provider can write it',
    ),
    stampNewBorn: flagOption('write new-born users their own sub'),
    groups: flagOption('also plan missing groups and memberships'),
    copyRoles: flagOption('create groups with the IAM role they have in the legacy pool; look at what the roles allow'),
    ...ENDURING_OPTIONS,
    ...READ_OPTIONS,
    ...PACE_OPTIONS,
  },
  run: async (settings, { screen, signal, clock, colours, again }): Promise<CommandResult> => {
    // Everything that can be wrong on this side is looked at before a state file is created.
    bothPoolIds(settings);
    const { groups: withGroups, copyRoles } = settings;
    if (copyRoles && !withGroups) throw new ConfigurationError('--copy-roles', 'is for --groups, which is missing');
    const { match, providerMap, legacyProvider, trustUsernames, readRps, rps, mauPrice, attribute } = settings;
    const { patience: patienceMs } = settings;
    const { mapping: mappingPath } = settings;
    if (mappingPath !== undefined) await checkMappingFile('--mapping', mappingPath);
    const mapping = mappingPath === undefined ? undefined : readMappingFile('--mapping', mappingPath);
    const { runPlan } = await import('../../migrate/plan.js');
    const plan = await withNewPlan(settings, ({ groups, ...opened }) =>
      runPlan({
        ...opened,
        ...(withGroups ? { groups: { ...groups, copyRoles } } : {}),
        ...defined({ match, providerMap, legacyProvider, readRps, rps, mauPrice, attribute, mapping, trustUsernames }),
        stampNewBorn: settings.stampNewBorn,
        trustAttribute: settings.trustAttribute,
        ...defined({ patienceMs }),
        signal,
        clock,
        onProgress: screen.progress,
      }),
    );
    const forAPerson = countForAPerson(plan.outcomes) + (plan.groups?.overLimit ?? 0);
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
        plan.writes > 0 ? 'Writing it takes' : 'There is nothing to write.',
        ...(plan.writes > 0 ? estimateLines(plan) : []),
        '',
        ...(forAPerson > 0
          ? [
              `Need a person: ${formatUsers(forAPerson)}. See why, and what to do:`,
              `  ${again('report --html report.html')}`,
            ]
          : []),
        ...(plan.stamped === undefined ? [] : ['', ...stampedLines(plan.stamped), '']),
        plan.writes > 0 ? `Then write:\n  ${again('apply')}` : `Then check:\n  ${again('verify')}`,
      ],
    };
  },
});
