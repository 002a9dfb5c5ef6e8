import { randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { createTestPools, type TestPool, type TestPools } from '../../src/testing/index.js';
import { giveBack, newSigningKey } from '../../src/testing/signing-keys.js';
import type { Random } from '../support/cognito-simulator/random.js';
import type { Credential, Kind, Side } from './soak-model.js';

/** Of each pool, for every generation of its keys. */
const HOT = 60;
/** More than the servers keep, so that a token has left the cache before it comes again. */
export const COLD = 600;
const UNMAPPED = 120;
const FEW = 15;

const LIFETIME_SECONDS = 24 * 3600;

/** The two pools, and the tokens that they sign. */
export class SoakPools {
  readonly pools: TestPools;
  readonly generation: Record<Side, number> = { legacy: 0, new: 0 };
  readonly #random: Random;

  private constructor(pools: TestPools, random: Random) {
    this.pools = pools;
    this.#random = random;
  }

  static async start(random: Random): Promise<SoakPools> {
    return new SoakPools(await createTestPools(), random);
  }

  pool(side: Side): TestPool {
    return side === 'legacy' ? this.pools.legacyPool : this.pools.newPool;
  }

  /** Makes the keys of the next rotation, in the background. */
  async prepare(): Promise<void> {
    giveBack(await Promise.all([newSigningKey(), newSigningKey()]));
  }

  /** Signs with new keys from now on. */
  rotate(side: Side, keepOld: boolean): void {
    // The key endpoints are in this process and must not stand still while keys are made: see `prepare`.
    this.pool(side).rotateKeys({ keepOld });
    this.generation[side] += 1;
  }

  /** Tokens of every kind with the present keys. Other work gets its turn between them: signing one takes about a millisecond. */
  async *generationOf(side: Side): AsyncGenerator<Credential> {
    const amounts: [Kind, number][] = [
      ['hot', HOT],
      ['machine', FEW],
      ['expired', FEW],
      ['revoked', FEW],
      ['short', FEW],
      ['unmapped', side === 'new' ? UNMAPPED : 0],
      ['cold', COLD],
    ];
    for (const [kind, amount] of amounts) {
      for (let n = 0; n < amount; n += 1) {
        yield this.credential(side, kind);
        if (n % 5 === 0) await breathe();
      }
    }
  }

  credential(side: Side, kind: Kind): Credential {
    const pool = this.pool(side);
    const now = Math.floor(Date.now() / 1000);
    const [sub, legacyId] = [randomUUID(), randomUUID()];
    const userId = side === 'legacy' ? sub : legacyId;
    const expiresAt =
      kind === 'expired'
        ? now - 60
        : kind === 'short'
          ? now + 5 + Math.floor(this.#random() * 40)
          : now + LIFETIME_SECONDS;
    const common = { exp: expiresAt, iat: now - 120, ...(kind === 'revoked' && { jti: `revoked-${randomUUID()}` }) };
    const facts = { kind, side, expiresAt, generation: this.generation[side] };
    if (kind === 'machine') {
      return { ...facts, userId: pool.clientId, authorization: [`Bearer ${pool.machineToken(common)}`] };
    }
    const isMapped = side === 'new' && kind !== 'unmapped';
    const token =
      this.#random() < 0.5
        ? pool.idToken({ ...common, sub, ...(isMapped && { 'custom:legacy_sub': legacyId }) })
        : pool.accessToken({ ...common, sub, ...(isMapped && { legacy_sub: legacyId }) });
    return { ...facts, userId, sub, authorization: [`Bearer ${token}`] };
  }
}
