import type { VerifyOptions, VerifyResult } from './types.js';

/** Reads the new pool again and compares each user's value with the plan. */
export async function runVerify(_options: VerifyOptions): Promise<VerifyResult> {
  throw new Error('not there yet');
}
