import type { LegacyPool } from './legacy-pool.js';
import type { MatchRule } from './policy.js';

/**
 * One legacy user whom one rule finds for a new user.
 *
 * - `proof`: the rule settles it: same identity, same chosen attribute, or same e-mail or phone verified in both pools
 * - `unverified`: same e-mail or phone, but not verified in `unverifiedIn`
 * - `username`: exactly the same username
 * - `username-case`: a username that differs in upper and lower case; pools may hold both as two people
 */
export interface Finding {
  readonly rule: MatchRule;
  /** The legacy user's `sub`; `null` for the rare user who has none. */
  readonly sub: string | null;
  /** The legacy pool, as the state numbers it. */
  readonly pool: number;
  readonly strength: 'proof' | 'unverified' | 'username' | 'username-case';
  /** For `unverified`: where verification is missing. */
  readonly unverifiedIn?: 'legacy' | 'new' | 'both';
  /** For `unverified`: the identity providers that are its only source, by pool; empty if a provider has no name. */
  readonly given?: { readonly legacy?: string; readonly new?: string };
  /** For `username`: both users have a verified e-mail, and they are not the same. */
  readonly emailsDiffer?: boolean;
}

export interface Trust {
  /** A map names the legacy pools, as the state numbers them, whose usernames are not trusted, and why; others are trusted. */
  readonly trustUsernames: boolean | ReadonlyMap<number, string>;
  readonly trustAttribute: boolean;
  /** Legacy pools whose users take precedence over those of others, in this order. */
  readonly prefer?: readonly LegacyPool[];
}

/** Whether the rule has found a user, rather than a similarity. */
export function isFind({ strength }: Finding): boolean {
  return strength === 'proof' || strength === 'username';
}

/** Whether the finding alone identifies the user. */
export function settles(finding: Finding, trust: Trust): boolean {
  if (finding.strength === 'username') return usernameDoubt(finding, trust) === undefined;
  return finding.strength === 'proof';
}

/** Why the username is not trusted; empty if no reason needs to be named, `undefined` if it is trusted. */
function usernameDoubt({ pool }: Finding, { trustUsernames }: Trust): string | undefined {
  if (typeof trustUsernames === 'boolean') return trustUsernames ? undefined : '';
  return trustUsernames.get(pool);
}

export function found({ rule, sub }: Finding): string {
  return `${rule} finds ${sub}`;
}

const UNVERIFIED_IN = { legacy: 'in the legacy pool', new: 'in the new pool', both: 'in both pools' };

/** The finding, and why it is not conclusive. */
export function hinted(hint: Finding, trust: Trust): string {
  const text = hint.sub === null ? `${hint.rule} finds a legacy user without a sub` : found(hint);
  if (hint.strength === 'username-case') return `${text}, but the usernames differ in upper and lower case`;
  if (hint.strength === 'username') {
    const doubt = usernameDoubt(hint, trust) ?? '';
    return `${text}, but nothing verified confirms it${doubt === '' ? '' : `: ${doubt}`}`;
  }
  if (hint.unverifiedIn === undefined) return text;
  const sources = (['legacy', 'new'] as const).flatMap((side) => {
    const names = hint.given?.[side];
    return names === undefined ? [] : [`in the ${side} pool it comes from ${providers(names)}`];
  });
  const because = sources.length === 0 ? '' : ` (${sources.join(', ')})`;
  return `${text}, but is unverified ${UNVERIFIED_IN[hint.unverifiedIn]}${because}`;
}

/** Names of identity providers as they are stored: empty if a provider has none. */
function providers(names: string): string {
  return names === '' ? 'an identity provider without a name' : `identity provider ${names}`;
}
