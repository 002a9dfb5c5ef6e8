import { MAX_CUSTOM_VALUE_LENGTH } from '../../directory/user-types.js';
import { listed } from '../../words.js';
import { nativeWay } from '../forecast/ways.js';
import { SETTLED, type Topic } from './settled.js';
import { WINDOW_DAYS } from './shares.js';
import { mayHaveGroups, movers, type Situation } from './situation.js';

export interface Step {
  /** In a few words. */
  readonly title: string;
  readonly step: string;
  /** Ids of the findings that it resolves. */
  readonly settles: readonly string[];
}

/** What to do for these pools, in order. A step that would change nothing is left out. */
export function stepsFor(situation: Situation): Step[] {
  const { findings } = situation;
  const found = new Set(findings.map(({ id }) => id));
  const settledBy = (...topics: Topic[]) => topics.flatMap((topic) => SETTLED[topic]).filter((id) => found.has(id));
  /** The step if it resolves a finding or is `needed`. */
  const where = (topic: Topic, title: string, step: string, needed = false): Step[] => {
    const settles = settledBy(topic);
    return settles.length > 0 || needed ? [{ title, step, settles }] : [];
  };
  const always = (title: string, step: string, ...topics: Topic[]): Step => ({
    title,
    step,
    settles: settledBy(...topics),
  });

  const { mapped, unmapped, native, federated } = movers(situation);
  const there = mapped + unmapped;
  const plan = mayHaveGroups(situation) ? 'plan --groups' : 'plan';
  const nothingYet = situation.new === undefined;
  const needs = needsOf(situation);
  return [
    ...creation(situation, settledBy('creation')),
    ...where(
      'attribute',
      `Make ${situation.options.attribute} readable, and writable by no user`,
      `Make sure that ${situation.options.attribute} exists, that the app clients whose tokens need it can read it, and that users cannot write it.`,
    ),
    ...where('settings', 'Align the settings of the pools', 'Align the settings of the pools.'),
    ...where(
      'providers',
      'Set up the identity providers',
      'Set up the identity providers, and register the URLs of the new pool at each of them (for SAML, its entity id too) before users sign in.',
      nothingYet && federated > 0,
    ),
    ...where(
      'clients',
      'Align the app clients',
      'Align the app clients, and give machine clients their new ids and secrets.',
    ),
    always(
      'Mount the middleware in every API',
      'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      'apis',
    ),
    ...where(
      'identity-pools',
      'Find the identity pools that trust the legacy pool',
      'Find the identity pools that trust the legacy pool. If there is one, begin to record which identity belongs to whom: this works only while people still sign in at the legacy pool.',
    ),
    ...where(
      'triggers',
      needs.triggers.length > 0
        ? 'Set the triggers of the new pool, and test them'
        : 'Give the triggers of the new pool their permissions',
      needs.triggers.length > 0
        ? `Set the triggers of the new pool (${needs.triggers.join(', ')}), and test them with a few accounts.`
        : 'Give the triggers of the new pool the permissions they need in both accounts.',
      nothingYet && needs.triggers.length > 0,
    ),
    ...where('legacy-as-provider', ...legacyAsProvider(situation), nothingYet && needs.legacyAsProvider),
    ...where(
      'quotas',
      'Request higher quotas for the new pool',
      'Request higher quotas for the account and Region of the new pool some days before the switch.',
    ),
    ...where(
      'people',
      'Decide what to do with the users who need a manual decision',
      'Decide what to do with the users who need a manual decision: the findings describe them, and plan lists them.',
    ),
    ...where('second-factors', 'Prepare users for the loss of their second factors', secondFactors(found)),
    ...(there > 0
      ? [
          always(
            unmapped > 0 ? `Run ${plan} and publish, then apply and verify` : `Run ${plan} and publish`,
            `Run cognito-cutover ${plan}, then publish: the APIs recognise users who are already in the new pool within minutes.${
              unmapped > 0 ? ' Then run apply at the start of a month, and verify.' : ''
            }`,
            'groups',
            'backfill',
          ),
        ]
      : []),
    always(
      'Switch applications over, one at a time',
      `Switch applications over one at a time: ${needs.arrivals.join(', ') || 'sign-ins go to the new pool'}.`,
    ),
    ...(native > 0
      ? [
          always(
            `After ${WINDOW_DAYS} days, import the other users with a password`,
            `After ${WINDOW_DAYS} days, run export-csv and import-csv for the users with a password who have not moved. Then run ${plan}, apply and verify again.`,
            ...(there > 0 ? [] : (['groups', 'backfill'] as const)),
          ),
        ]
      : [
          always(
            `Run ${plan}, apply and verify every night`,
            `Run cognito-cutover ${plan}, apply and verify every night until every user has a legacy id.`,
            ...(there > 0 ? [] : (['groups', 'backfill'] as const)),
          ),
        ]),
    always(
      'Let the APIs refuse tokens of the legacy pool',
      'Set legacyTokens.acceptUntil to now plus the longest lifetime of a refresh token, and check that no user is refused.',
    ),
    always(
      'Keep the legacy pool, with deletion protection',
      'Keep the legacy pool, with deletion protection, for as long as you may need to check a mapping.',
    ),
  ];
}

function creation({ new: newPool, options }: Situation, settles: readonly string[]): Step[] {
  if (newPool === undefined) {
    return [
      {
        title: `Create the new pool, with ${options.attribute}`,
        step: `Create the new pool. Copy the settings that can never be changed from the legacy pool (sign-in names, case sensitivity of usernames, required attributes), and add ${options.attribute}: a String, mutable, MaxLength ${MAX_CUSTOM_VALUE_LENGTH}.`,
        settles,
      },
    ];
  }
  if (settles.length === 0) return [];
  return [
    {
      title: 'First settle what is fixed at creation',
      step: 'Before users move, correct the settings that can never be changed afterwards.',
      settles,
    },
  ];
}

/** Which triggers these pools need, and how users arrive in the new pool. */
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
    ...(byTrigger ? ['users with a password move when they sign in'] : []),
    ...(byLegacyPool ? ['users with a second factor sign in through the legacy pool'] : []),
    ...(federated > 0 ? ['users of identity providers arrive with their first sign-in'] : []),
  ];
  return { triggers, legacyAsProvider: byLegacyPool, arrivals };
}

function legacyAsProvider({ legacy, new: newPool }: Situation): [title: string, step: string] {
  const required = legacy.filter((pool) => pool.users.native > 0 && pool.settings?.mfa === 'ON');
  const forced = required.filter((pool) => nativeWay(pool, newPool) === 'federation-with-legacy-pool');
  return forced.length > 0
    ? [
        'Make the legacy pool an identity provider of the new one',
        `Make the legacy pool an identity provider of the new one (${listed(forced.map(({ userPoolId }) => userPoolId))}): MFA is required there, so the migration trigger cannot move its users.`,
      ]
    : [
        'Decide how users with a second factor move',
        'Decide how users with a second factor move: through the legacy pool as an identity provider of the new one, or with a password reset (challenges: "reset-and-enrol").',
      ];
}

function secondFactors(found: ReadonlySet<string>): string {
  const lost = [
    ...(found.has('mfa-enrolment-lost') ? ['authenticator app'] : []),
    ...(found.has('passkeys-not-moved') ? ['passkey'] : []),
  ];
  return [
    ...(found.has('sms-mfa-lost') ? ['Enable SMS again as the second factor of the users who use it.'] : []),
    ...(lost.length > 0
      ? [`Tell users that they will have to register their ${lost.join(' or ')} again, and when.`]
      : []),
  ].join(' ');
}
