import { MAX_CUSTOM_VALUE_LENGTH } from '../../directory/user-types.js';
import { nativeWay } from '../forecast/ways.js';
import { listed } from '../words.js';
import { SETTLED, type Topic } from './settled.js';
import { WINDOW_DAYS } from './shares.js';
import { mayHaveGroups, movers, type Situation } from './situation.js';

export interface Step {
  readonly step: string;
  /** Ids of the findings that are settled with it. */
  readonly settles: readonly string[];
}

/** What to do for these pools, in order. A step that would change nothing is left out. */
export function stepsFor(situation: Situation): Step[] {
  const { findings } = situation;
  const found = new Set(findings.map(({ id }) => id));
  const settledBy = (...topics: Topic[]) => topics.flatMap((topic) => SETTLED[topic]).filter((id) => found.has(id));
  /** Where there is something to settle, or `needed`. */
  const where = (topic: Topic, step: string, needed = false): Step[] => {
    const settles = settledBy(topic);
    return settles.length > 0 || needed ? [{ step, settles }] : [];
  };
  const always = (step: string, ...topics: Topic[]): Step => ({ step, settles: settledBy(...topics) });

  const { mapped, unmapped, native, federated } = movers(situation);
  const there = mapped + unmapped;
  const plan = mayHaveGroups(situation) ? 'plan --groups' : 'plan';
  const nothingYet = situation.new === undefined;
  const needs = needsOf(situation);
  return [
    ...creation(situation, settledBy('creation')),
    ...where(
      'attribute',
      `See to ${situation.options.attribute}: it exists, the app clients whose tokens need it can read it, and nobody can write it but you.`,
    ),
    ...where('settings', 'Bring the settings of the pools in line.'),
    ...where(
      'providers',
      'Set up the identity providers, and have each of them add the addresses of the new pool (for SAML its entity id, too) before anybody signs in.',
      nothingYet && federated > 0,
    ),
    ...where('clients', 'Bring the app clients in line, those of machines with their new ids and secrets.'),
    always(
      'Mount the middleware in every API, so that tokens of both pools are accepted before the first token of the new pool is signed.',
      'apis',
    ),
    ...where(
      'triggers',
      needs.triggers.length > 0
        ? `Set the triggers of the new pool (${needs.triggers.join(', ')}), and try them with a handful of accounts.`
        : 'Give the triggers of the new pool the permissions they need in both accounts.',
      nothingYet && needs.triggers.length > 0,
    ),
    ...where('legacy-as-provider', legacyAsProvider(situation), nothingYet && needs.legacyAsProvider),
    ...where(
      'quotas',
      'Have the quotas of the account and Region of the new pool raised, some days before the switch.',
    ),
    ...where('people', 'Decide about the users who need a person: the findings name them by kind, plan by name.'),
    ...where('second-factors', secondFactors(found)),
    ...(there > 0
      ? [
          always(
            `cognito-cutover ${plan}, then publish: users who are in the new pool already are known to the APIs within minutes.${
              unmapped > 0 ? ' Then apply, at the start of a month, and verify.' : ''
            }`,
            'groups',
            'backfill',
          ),
        ]
      : []),
    always(`Switch applications over one at a time: ${needs.arrivals.join(', ') || 'sign-ins go to the new pool'}.`),
    ...(native > 0
      ? [
          always(
            `After ${WINDOW_DAYS} days export-csv and import-csv bring those with a password who have not come; then ${plan}, apply and verify again.`,
            ...(there > 0 ? [] : (['groups', 'backfill'] as const)),
          ),
        ]
      : [
          always(
            `cognito-cutover ${plan}, apply and verify every night until nobody is left without a legacy id.`,
            ...(there > 0 ? [] : (['groups', 'backfill'] as const)),
          ),
        ]),
    always('Set legacyTokens.acceptUntil to the longest token lifetime from now, and watch that nobody is refused.'),
    always('Keep the legacy pool, protected against deletion, for as long as a mapping may be questioned.'),
  ];
}

function creation({ new: newPool, options }: Situation, settles: readonly string[]): Step[] {
  if (newPool === undefined) {
    return [
      {
        step: `Create the new pool with what can never be changed afterwards as the legacy pool has it (sign-in names, case of usernames, required attributes), and with ${options.attribute}: a String, mutable, MaxLength ${MAX_CUSTOM_VALUE_LENGTH}.`,
        settles,
      },
    ];
  }
  if (settles.length === 0) return [];
  return [{ step: 'Before anybody moves, make right what can never be changed afterwards.', settles }];
}

/** Which triggers these pools need, and how people come over. */
function needsOf(situation: Situation): { triggers: string[]; legacyAsProvider: boolean; arrivals: string[] } {
  const { legacy, new: newPool, options, findings } = situation;
  const { native, federated } = movers(situation);
  const found = (...ids: string[]) => findings.some(({ id }) => ids.includes(id));
  const natives = legacy.filter(({ users }) => users.native > 0);
  const ways = new Set(natives.map((pool) => nativeWay(pool, newPool)));
  const byTrigger = native > 0 && ways.has('migration-at-sign-in');
  const byLegacyPool = native > 0 && ways.has('federation-with-legacy-pool');
  const before = newPool === undefined;
  const triggers = [
    ...(found('pre-token-trigger-missing', 'pre-token-trigger-version') || (before && options.tokenUse !== 'id')
      ? ['pre token generation']
      : []),
    ...(found('user-migration-trigger-missing', 'user-migration-flow-missing', 'legacy-password-flow-missing') ||
    (before && byTrigger)
      ? ['user migration']
      : []),
    ...(found('sign-up-ungated') || (before && legacy.some(({ settings }) => settings?.adminCreateUserOnly !== true))
      ? ['pre sign-up']
      : []),
    ...(found('post-confirmation-trigger-missing') || (before && (federated > 0 || byLegacyPool))
      ? ['post confirmation']
      : []),
  ];
  const arrivals = [
    ...(byTrigger ? ['users with a password move as they sign in'] : []),
    ...(byLegacyPool ? ['users with a second factor sign in through the legacy pool'] : []),
    ...(federated > 0 ? ['users of identity providers arrive with their first sign-in'] : []),
  ];
  return { triggers, legacyAsProvider: byLegacyPool, arrivals };
}

function legacyAsProvider({ legacy, new: newPool }: Situation): string {
  const required = legacy.filter((pool) => pool.users.native > 0 && pool.settings?.mfa === 'ON');
  const forced = required.filter((pool) => nativeWay(pool, newPool) === 'federation-with-legacy-pool');
  return forced.length > 0
    ? `Make the legacy pool an identity provider of the new one (${listed(forced.map(({ userPoolId }) => userPoolId))}): MFA is required there, so the migration trigger moves nobody.`
    : 'Decide how users with a second factor move: through the legacy pool as an identity provider of the new one, or by a reset (challenges: "reset-and-enrol").';
}

function secondFactors(found: ReadonlySet<string>): string {
  const lost = [
    ...(found.has('mfa-enrolment-lost') ? ['authenticator app'] : []),
    ...(found.has('passkeys-not-moved') ? ['passkey'] : []),
  ];
  return [
    ...(found.has('sms-mfa-lost') ? ['Switch SMS on again as the second factor of those who use it.'] : []),
    ...(lost.length > 0
      ? [`Tell users that they will have to register their ${lost.join(' or ')} again, and when.`]
      : []),
  ].join(' ');
}
