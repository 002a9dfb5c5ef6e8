import { ConfigurationError } from '../../errors.js';
import { checkString, refuse } from '../../options.js';
import { checkProviderMap, type ProviderMap } from '../../users/identities.js';
import { DEFAULT_ATTRIBUTE } from '../../users/legacy-id-names.js';

/** How users of the two pools are recognised as one person. */
export type MatchRule = 'mapping' | 'identity' | 'username' | 'email' | 'phone' | `attribute:${string}`;

export const DEFAULT_MATCH: readonly MatchRule[] = ['mapping', 'identity', 'username', 'email'];

/** Everything a decision depends on besides the users themselves. */
export interface MatchOptions {
  /** @defaultValue `mapping, identity, username, email` */
  readonly match?: readonly MatchRule[];
  /** Custom attribute of the new pool that carries the legacy id. @defaultValue `custom:legacy_sub` */
  readonly attribute?: string;
  /**
   * Trust a username that no verified attribute confirms. Default: only if neither the new pool nor the legacy pool in which the
   * username is found lets people sign themselves up.
   */
  readonly trustUsernames?: boolean;
  /**
   * Identity providers whose e-mail addresses and phone numbers count as verified, each by its name in the user's pool. Those of
   * users of other providers do not count, in either pool, because the provider writes them at every sign-in. Default: none.
   */
  readonly trustProviderEmail?: readonly string[];
  /** Match by an attribute although users of a pool can write it. @defaultValue false */
  readonly allowWritableMatch?: boolean;
  /**
   * Ids of legacy pools, in order of preference: if a person has accounts in several legacy pools, the one in the preferred pool is
   * used. Default: none, and such users stay undecided.
   */
  readonly prefer?: readonly string[];
  /**
   * `{ legacyProvider: newProvider }`, for identity providers that have different names in the two pools. The map alone decides for
   * names that it uses: with `{ OldOkta: 'Okta' }`, the legacy pool's own `Okta` is not a provider of the new pool.
   * `{ Okta: 'Okta' }` says that a provider keeps its name. Default: providers with the same name are the same provider.
   */
  readonly providerMap?: Readonly<Record<string, string>>;
  /** Write new-born users' own `sub`. @defaultValue false */
  readonly stampNewBorn?: boolean;
  /**
   * The identity provider of the new pool that **is** the legacy pool. Its user ids are legacy `sub`s, which are proof for rule
   * `identity`. Default: none.
   */
  readonly legacyProvider?: string;
  /**
   * Trust a value that is the `sub` of a legacy user, held by no other new user and contradicted by no rule (rule
   * `attribute`). Refused while an app client or identity provider of the new pool can write the attribute. @defaultValue false
   */
  readonly trustAttribute?: boolean;
}

const PLAIN_RULES: readonly MatchRule[] = ['mapping', 'identity', 'username', 'email', 'phone'];

/** Attributes that have a rule of their own, which looks at verification, or that cannot tell two people apart. */
const NO_RULE = ['sub', 'email', 'phone_number', 'email_verified', 'phone_number_verified', 'identities'];

/** Checked {@link MatchOptions}. */
export interface Policy {
  readonly rules: readonly MatchRule[];
  readonly attribute: string;
  /** `undefined`: depends on the pools' settings. */
  readonly trustUsernames: boolean | undefined;
  readonly trustProviderEmail: readonly string[];
  readonly allowWritableMatch: boolean;
  readonly prefer: readonly string[];
  /** As it was given. */
  readonly providerMap: Readonly<Record<string, string>>;
  /** Parsed from {@link Policy.providerMap}. */
  readonly providers: ProviderMap;
  readonly stampNewBorn: boolean;
  readonly legacyProvider: string | undefined;
  readonly trustAttribute: boolean;
}

/** @throws {@link ConfigurationError} */
export function checkPolicy(options: MatchOptions): Policy {
  const attribute = checkString('attribute', options.attribute ?? DEFAULT_ATTRIBUTE);
  if (!/^custom:\S{1,20}$/.test(attribute)) refuse('attribute', "a custom attribute, 'custom:…'", attribute);
  const rules = checkRules(options.match ?? DEFAULT_MATCH, attribute);
  const { providerMap = {} } = options;
  const providers = checkProviderMap(providerMap);
  return {
    rules,
    attribute,
    trustUsernames: options.trustUsernames,
    trustProviderEmail: checkTrustedProviders(options.trustProviderEmail ?? [], rules),
    allowWritableMatch: options.allowWritableMatch ?? false,
    prefer: checkNames('prefer', options.prefer ?? []),
    providerMap,
    providers,
    stampNewBorn: options.stampNewBorn ?? false,
    legacyProvider: checkLegacyProvider(options.legacyProvider, rules, providerMap),
    trustAttribute: options.trustAttribute ?? false,
  };
}

/** Rules that count only what is verified. */
const CONTACT_RULES: readonly MatchRule[] = ['email', 'phone'];

export function matchesContacts({ rules }: Pick<Policy, 'rules'>): boolean {
  return rules.some((rule) => CONTACT_RULES.includes(rule));
}

function checkTrustedProviders(names: readonly string[], rules: readonly MatchRule[]): readonly string[] {
  checkNames('trustProviderEmail', names);
  if (names.length > 0 && !matchesContacts({ rules })) {
    throw new ConfigurationError('trustProviderEmail', "is given, but match contains neither 'email' nor 'phone'");
  }
  return names;
}

function checkNames(option: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) refuse(option, 'an array of strings', names);
  for (const name of names) checkString(option, name);
  if (new Set(names).size < names.length) throw new ConfigurationError(option, 'a name is given more than once');
  return names;
}

/** @throws {@link ConfigurationError} if a preferred pool is not a legacy pool */
export function checkPreferred({ prefer }: Policy, legacyPools: readonly { readonly userPoolId: string }[]): void {
  const legacyPoolIds = legacyPools.map(({ userPoolId }) => userPoolId);
  const other = prefer.find((id) => !legacyPoolIds.includes(id));
  if (other === undefined) return;
  throw new ConfigurationError('prefer', `${other} is not a legacy pool; these are ${legacyPoolIds.join(', ')}`);
}

function checkLegacyProvider(
  name: string | undefined,
  rules: readonly MatchRule[],
  providerMap: Readonly<Record<string, string>>,
): string | undefined {
  if (name === undefined) return undefined;
  checkString('legacyProvider', name);
  if (!rules.includes('identity')) {
    throw new ConfigurationError('legacyProvider', "is given, but match does not contain 'identity'");
  }
  if (Object.values(providerMap).includes(name)) {
    throw new ConfigurationError(
      'legacyProvider',
      `${name} is the legacy pool, but providerMap maps another provider to it`,
    );
  }
  return name;
}

/** The attributes that rules compare. */
export function matchedAttributes({ rules }: Policy): readonly string[] {
  return rules.flatMap((rule) => (rule.startsWith('attribute:') ? [rule.slice('attribute:'.length)] : []));
}

function checkRules(rules: readonly MatchRule[], attribute: string): readonly MatchRule[] {
  if (rules.length === 0) refuse('match', 'at least one rule', rules);
  if (new Set(rules).size < rules.length) throw new ConfigurationError('match', 'a rule is named more than once');
  for (const rule of rules) {
    if (PLAIN_RULES.includes(rule)) continue;
    const name = /^attribute:(.+)$/.exec(rule)?.[1];
    if (name === undefined) refuse('match', `${PLAIN_RULES.join(', ')} or attribute:NAME`, rule);
    if (NO_RULE.includes(name) || name === attribute) {
      throw new ConfigurationError(
        'match',
        `attribute:${name} cannot identify a person; e-mail and phone have rules of their own`,
      );
    }
  }
  return rules;
}

/** The options on which the listing depends. */
export function listingOptions(policy: Policy): string {
  return JSON.stringify({
    attribute: policy.attribute,
    rules: policy.rules.filter((rule) => rule !== 'mapping').toSorted(),
    providers: Object.entries(policy.providerMap).toSorted(),
    legacyProvider: policy.legacyProvider ?? null,
    trustProviderEmail: policy.trustProviderEmail.toSorted(),
  });
}
