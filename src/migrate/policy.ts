import { ConfigurationError } from '../errors.js';
import { checkString, isPlainObject, refuse } from '../options.js';
import { DEFAULT_MATCH, type MatchOptions, type MatchRule } from './types.js';

const PLAIN_RULES: readonly MatchRule[] = ['mapping', 'identity', 'username', 'email', 'phone'];

/** Attributes that have a rule of their own, which looks at verification, or that cannot tell two people apart. */
const NO_RULE = ['sub', 'email', 'phone_number', 'email_verified', 'phone_number_verified', 'identities'];

/** Checked {@link MatchOptions}. */
export interface Policy {
  readonly rules: readonly MatchRule[];
  readonly attribute: string;
  /** `undefined`: as the new pool's settings say. */
  readonly trustUsernames: boolean | undefined;
  readonly providerMap: Readonly<Record<string, string>>;
  readonly stampNewBorn: boolean;
}

export const DEFAULT_ATTRIBUTE = 'custom:legacy_sub';

/** @throws {@link ConfigurationError} */
export function checkPolicy(options: MatchOptions): Policy {
  const attribute = checkString('attribute', options.attribute ?? DEFAULT_ATTRIBUTE);
  if (!/^custom:\S{1,20}$/.test(attribute)) refuse('attribute', "a custom attribute, 'custom:…'", attribute);
  return {
    rules: checkRules(options.match ?? DEFAULT_MATCH, attribute),
    attribute,
    trustUsernames: options.trustUsernames,
    providerMap: checkProviderMap(options.providerMap ?? {}),
    stampNewBorn: options.stampNewBorn ?? false,
  };
}

function checkRules(rules: readonly MatchRule[], attribute: string): readonly MatchRule[] {
  if (rules.length === 0) refuse('match', 'at least one rule', rules);
  if (new Set(rules).size < rules.length) throw new ConfigurationError('match', 'a rule is named twice');
  for (const rule of rules) {
    if (PLAIN_RULES.includes(rule)) continue;
    const name = /^attribute:(.+)$/.exec(rule)?.[1];
    if (name === undefined) refuse('match', `${PLAIN_RULES.join(', ')} or attribute:NAME`, rule);
    if (NO_RULE.includes(name) || name === attribute) {
      throw new ConfigurationError(
        'match',
        `attribute:${name} cannot recognise a person; e-mail and phone have own rules`,
      );
    }
  }
  return rules;
}

function checkProviderMap(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!isPlainObject(map)) refuse('providerMap', 'an object', map);
  for (const [legacy, renamed] of Object.entries(map)) checkString(`providerMap.${legacy}`, renamed);
  return map;
}
