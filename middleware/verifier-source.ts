import { ConfigurationError } from '../src/errors.js';
import { refuse } from '../src/options.js';
import type { CutoverVerifier, VerifierOptions } from '../src/verify/types.js';
import { createCutoverVerifier } from '../src/verify/verifier.js';

/** What an entry point needs of a verifier: one that wraps {@link createCutoverVerifier}'s may leave out `verifyEagerly`. */
export type RequestVerifier = Pick<CutoverVerifier, 'verify'> & Partial<Pick<CutoverVerifier, 'verifyEagerly'>>;

/** A verifier, or the options of {@link createCutoverVerifier} to make one. */
export type VerifierSource = { readonly verifier: RequestVerifier } | (VerifierOptions & { readonly verifier?: never });

/** @throws {@link ConfigurationError} when an option is wrong, or stands beside a verifier that is made already */
export function verifierOf(source: VerifierSource): RequestVerifier {
  if (!('verifier' in source)) return createCutoverVerifier(source);
  const { verifier, ...others } = source;
  const [surplus] = Object.keys(others);
  if (surplus !== undefined) throw new ConfigurationError(surplus, 'cannot be set beside `verifier`');
  // Judged by its shape: it may come from the other of the package's two builds.
  return typeof verifier?.verify === 'function' ? verifier : refuse('verifier', 'a verifier', verifier);
}
