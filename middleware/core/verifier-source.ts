import { ConfigurationError } from '../../src/errors.js';
import { checkKeys, refuse } from '../../src/options.js';
import { VERIFIER_OPTIONS } from '../../src/verify/settings.js';
import type { CutoverIdentity, VerifierOptions } from '../../src/verify/types.js';
import { createCutoverVerifier, isBuiltIn } from '../../src/verify/verifier.js';

/** What an entry point needs of a verifier: {@link createCutoverVerifier}'s, or one of the application's own around it. */
export interface RequestVerifier {
  /** Who the token belongs to, at once or later. Throws or rejects with what refuses it. */
  verify(token: string): CutoverIdentity | PromiseLike<CutoverIdentity>;
  /** The same, called instead of `verify` where it is present. */
  verifyEagerly?(token: string): CutoverIdentity | PromiseLike<CutoverIdentity>;
  /** What `createPhases` made, for the headers on answers to legacy tokens. A verifier of this package has it. */
  readonly phases?: object | undefined;
}

/** A verifier, or the options of {@link createCutoverVerifier} to make one. */
export type VerifierSource = { readonly verifier: RequestVerifier } | (VerifierOptions & { readonly verifier?: never });

/** Who the token belongs to, without a promise where there is nothing to wait for. */
export type Verify = (token: string) => unknown;

/**
 * How to call a verifier without needless waiting. Where an application has replaced `verify`, for example in a proxy, its
 * own is called: our `verifyEagerly` would bypass it.
 */
export function verifyOf(verifier: RequestVerifier): Verify {
  const { verify, verifyEagerly } = verifier;
  const isPassedBy = verifyEagerly !== undefined && isBuiltIn(verifyEagerly) && !isBuiltIn(verify);
  return (isPassedBy || verifyEagerly === undefined ? verify : verifyEagerly).bind(verifier);
}

/**
 * What a verifier answered, if it is an identity. A verifier may be a wrapper of the application: nothing else that it
 * answers may count as an identity.
 */
export function checkIdentity(answer: unknown): CutoverIdentity {
  const { userId, groups, scopes } = (answer ?? {}) as Partial<CutoverIdentity>;
  const isIdentity = typeof userId === 'string' && userId !== '' && Array.isArray(groups) && Array.isArray(scopes);
  if (isIdentity) return answer as CutoverIdentity;
  throw notAnIdentity();
}

export function notAnIdentity(): TypeError {
  return new TypeError('The verifier answered something that is not an identity.');
}

/**
 * Checks the names of all options of an entry point at once, so that the error for a misspelt one lists all that there are.
 *
 * @param own the options of the entry point itself
 */
export function checkOptionNames(options: object, own: readonly string[]): void {
  // Our verifier has no enumerable properties: it would pass for options without any.
  if (typeof (options as Partial<RequestVerifier> | undefined)?.verify === 'function') {
    throw new ConfigurationError(
      'verifier',
      'was passed in place of the options. Pass it as one of them: { verifier }',
    );
  }
  checkKeys('', options, [...own, 'verifier', ...VERIFIER_OPTIONS]);
}

/** @throws {@link ConfigurationError} when an option is wrong, or stands beside a verifier that is made already */
export function verifierOf(source: VerifierSource): RequestVerifier {
  if (!('verifier' in source)) return createCutoverVerifier(source);
  const { verifier, ...others } = source;
  const [surplus] = Object.keys(others);
  if (surplus !== undefined) throw new ConfigurationError(surplus, 'cannot be set beside `verifier`');
  // Judged by its shape: it may come from the other of the package's two builds.
  return typeof verifier?.verify === 'function' ? verifier : refuse('verifier', 'a verifier', verifier);
}
