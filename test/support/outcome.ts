import { CutoverError } from '../../src/errors.js';
import type { CutoverIdentity, CutoverVerifier } from '../../src/verify/types.js';

/** The identity, or the code of the refusal. Anything that is not a CutoverError is a fault of the verifier and comes through. */
export async function outcome(verifier: CutoverVerifier, token: unknown): Promise<CutoverIdentity | string> {
  try {
    return await verifier.verify(token as string);
  } catch (error) {
    return codeOf(error);
  }
}

export function outcomeSync(verifier: CutoverVerifier, token: unknown): CutoverIdentity | string {
  try {
    return verifier.verifySync(token as string);
  } catch (error) {
    return codeOf(error);
  }
}

/** `accepted`, or the code of the refusal. */
export async function verdict(verifier: CutoverVerifier, token: unknown): Promise<string> {
  const result = await outcome(verifier, token);
  return typeof result === 'string' ? result : 'accepted';
}

export function verdictSync(verifier: CutoverVerifier, token: unknown): string {
  const result = outcomeSync(verifier, token);
  return typeof result === 'string' ? result : 'accepted';
}

function codeOf(error: unknown): string {
  if (error instanceof CutoverError) return error.code;
  throw error;
}
