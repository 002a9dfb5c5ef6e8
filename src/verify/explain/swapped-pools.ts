import { sameFolded } from '../../users/fold.js';
import type { CheckedClaims } from '../claims.js';
import { claimFor } from '../identity.js';
import type { Pool } from '../pool-options.js';
import type { VerifierSettings } from '../settings.js';
import { ACCESS_TOKENS } from './refused-claims.js';

/** How many new-pool tokens of one use, and none with the claim, are more than users who happen to be unmapped. */
const TOKENS = 100;

/** In one process, of one kind and pool: an application may create a verifier for every request. */
const MOST_WARNINGS = 10;

const warned = new Map<string, number>();

/**
 * Warns, once per verifier and kind, when verified tokens look as if `legacyPool` and `newPool` were swapped. What is decided about
 * a token stays the same.
 */
export class SwappedPools {
  readonly #settings: Pick<VerifierSettings, 'mapping' | 'resolve'>;
  #sawClaimInLegacyToken = false;
  /** Tokens without the claim; NaN as soon as one has it, or the warning was given. */
  readonly #withoutClaim = { access: 0, id: 0 };

  constructor(settings: Pick<VerifierSettings, 'mapping' | 'resolve'>) {
    this.#settings = settings;
  }

  /** To be called with each token whose signature and claims were checked, unless it comes from the cache. */
  notice(payload: Readonly<Record<string, unknown>>, claims: CheckedClaims, pool: Pool): void {
    if (claims.kind === 'machine') return;
    const claim = claimFor(claims, this.#settings.mapping);
    const value = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
    if (pool.side === 'legacy') this.#noticeLegacy(claim, value, claims.sub, pool);
    else if (this.#settings.resolve === undefined) this.#noticeNew(claim, value, claims.tokenUse, pool);
  }

  /** A trigger on the legacy pool may put a user's own sub into the claim, so that other verifiers need one claim only. */
  #noticeLegacy(claim: string, value: unknown, sub: string, { option, userPoolId }: Pool): void {
    if (this.#sawClaimInLegacyToken || value === undefined) return;
    if (typeof value === 'string' && sameFolded(value, sub)) return;
    this.#sawClaimInLegacyToken = true;
    warn(
      'CUTOVER_CLAIM_IN_LEGACY_TOKEN',
      userPoolId,
      `A token of ${option} (${userPoolId}) carries the claim ${claim}, which belongs to users of the new pool: are legacyPool and newPool swapped? The claim is ignored: the user id is the sub of the token.`,
    );
  }

  #noticeNew(claim: string, value: unknown, tokenUse: 'access' | 'id', { option, userPoolId }: Pool): void {
    this.#withoutClaim[tokenUse] += value === undefined ? 1 : Number.NaN;
    if (!(this.#withoutClaim[tokenUse] >= TOKENS)) return;
    this.#withoutClaim[tokenUse] = Number.NaN;
    const [tokens, cause] =
      tokenUse === 'id'
        ? [
            'ID tokens',
            'Otherwise the attribute is not written yet, or the app clients may not read it (ReadAttributes).',
          ]
        : ['access tokens', ACCESS_TOKENS];
    warn(
      'CUTOVER_NO_CLAIM_IN_NEW_TOKENS',
      userPoolId,
      `None of ${TOKENS} ${tokens} of users of ${option} (${userPoolId}) carries the claim ${claim}: are legacyPool and newPool swapped? ${cause}`,
    );
  }
}

function warn(code: string, userPoolId: string, message: string): void {
  const key = `${code} ${userPoolId}`;
  const count = (warned.get(key) ?? 0) + 1;
  if (count > MOST_WARNINGS) return;
  warned.set(key, count);
  process.emitWarning(message, { type: 'CutoverWarning', code });
}
