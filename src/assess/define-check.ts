import type { PoolSide } from '../errors.js';
import type { Finding } from './finding.js';
import type { PoolParts, PoolSnapshot, Snapshot, UserStatistics } from './snapshot/pool-snapshot.js';

/** What the checks need to know besides the pools. */
export interface CheckOptions {
  /** The attribute that will hold the legacy id, with its `custom:` prefix. */
  readonly attribute: string;
  /** Which tokens the applications accept. */
  readonly tokenUse: 'id' | 'access' | 'any';
  /** `{ legacyProvider: newProvider }`, for identity providers with different names. */
  readonly providerMap: Readonly<Record<string, string>>;
  /** Writes per second of the backfill. */
  readonly rps: number;
  /** Dollars per monthly active user; `undefined`: the list price of the new pool's plan. */
  readonly mauPrice: number | undefined;
  /** The same for the legacy pools; `undefined`: the list price of each pool's plan. */
  readonly legacyMauPrice: number | undefined;
}

export interface CheckContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly options: CheckOptions;
}

/** A part that could not be read, and the permission that is needed to read it. */
export interface MissingPart {
  readonly userPoolId: string;
  readonly permission: string;
  readonly reason: 'denied' | 'not-supported';
}

/** The result of one check for one pool, or for one legacy pool and the new pool. */
export interface CheckResult {
  readonly id: string;
  readonly findings: readonly Finding[];
  /** If not empty, the check could not be made: it has neither passed nor failed. */
  readonly missing: readonly MissingPart[];
}

/** One question about the pools. Pure: the same snapshot gives the same answer. */
export interface Check {
  readonly id: string;
  run(snapshot: Snapshot, context: CheckContext): readonly CheckResult[];
}

type PartName = keyof PoolParts;

/**
 * A pool with the parts that a check asked for. Parts in `P` are present; a part in `U` is `undefined` if it could not be read.
 * A check must never pass because of such an `undefined`.
 */
export type Readable<P extends PartName, U extends PartName = never> = Pick<PoolParts, P> & {
  readonly [K in U]: PoolParts[K] | undefined;
} & {
  readonly userPoolId: string;
  readonly region: string;
};

/** A finding as a check returns it; the id and the pools are added. */
export type Found = Omit<Finding, 'id' | 'userPoolId' | 'comparedWith'>;

/** A check of each pool on its own. */
export function checkPool<P extends PartName, U extends PartName = never>(check: {
  readonly id: string;
  /** Default: both. */
  readonly side?: PoolSide;
  readonly needs: readonly P[];
  /** Parts that improve the result. The check is also made without them. */
  readonly uses?: readonly U[];
  readonly find: (pool: Readable<P, U>, context: CheckContext & { readonly side: PoolSide }) => Found | undefined;
}): Check {
  const { id, side, needs, uses = [], find } = check;
  return {
    id,
    run: (snapshot, context) =>
      poolsOf(snapshot)
        .filter((one) => side === undefined || one.side === side)
        .map(({ pool, side }) =>
          judged(id, [pool], missingParts(pool, needs), () => find(readable(pool, needs, uses), { ...context, side })),
        ),
  };
}

export interface PairContext extends CheckContext {
  /** The users of all legacy pools, any of whom may be in the new pool; `undefined` if some could not be listed. */
  readonly legacyUsers: readonly UserStatistics[] | undefined;
}

/** A check of every legacy pool against the new one. Not made before the new pool exists. */
export function checkPair<
  L extends PartName,
  N extends PartName,
  LU extends PartName = never,
  NU extends PartName = never,
>(check: {
  readonly id: string;
  readonly needs: { readonly legacy: readonly L[]; readonly new: readonly N[] };
  /** Parts that improve the result. The check is also made without them. */
  readonly uses?: { readonly legacy?: readonly LU[]; readonly new?: readonly NU[] };
  /** Which pool the fix changes. Default: the new pool. */
  readonly fixIn?: PoolSide;
  readonly find: (legacy: Readable<L, LU>, newPool: Readable<N, NU>, context: PairContext) => Found | undefined;
}): Check {
  const { id, needs, uses = {}, fixIn = 'new', find } = check;
  return {
    id,
    run: ({ legacy, new: newPool }, context) => {
      if (newPool === null) return [];
      const users = legacy.flatMap((pool) => (pool.users.known === 'yes' ? [pool.users.value] : []));
      const legacyUsers = users.length === legacy.length ? users : undefined;
      return legacy.map((pool) => {
        const missing = [...missingParts(pool, needs.legacy), ...missingParts(newPool, needs.new)];
        return judged(id, fixIn === 'new' ? [newPool, pool] : [pool, newPool], missing, () =>
          find(readable(pool, needs.legacy, uses.legacy), readable(newPool, needs.new, uses.new), {
            ...context,
            legacyUsers,
          }),
        );
      });
    },
  };
}

export function poolsOf(snapshot: Snapshot): { pool: PoolSnapshot; side: PoolSide }[] {
  const legacy = snapshot.legacy.map((pool) => ({ pool, side: 'legacy' as const }));
  return snapshot.new === null ? legacy : [...legacy, { pool: snapshot.new, side: 'new' }];
}

/** `pools`: the pool to act on, then the pool that it is compared with. */
function judged(
  id: string,
  pools: readonly PoolSnapshot[],
  missing: readonly MissingPart[],
  find: () => Found | undefined,
): CheckResult {
  const [userPoolId = '', comparedWith] = pools.map((pool) => pool.userPoolId);
  const found = missing.length === 0 ? find() : undefined;
  const pair = comparedWith === undefined ? { userPoolId } : { userPoolId, comparedWith };
  return { id, findings: found === undefined ? [] : [{ id, ...pair, ...found }], missing };
}

function missingParts(pool: PoolSnapshot, needs: readonly PartName[]): MissingPart[] {
  return needs.flatMap((name) => {
    const part = pool[name];
    if (part.known === 'yes') return [];
    return [{ userPoolId: pool.userPoolId, permission: part.permission, reason: part.reason }];
  });
}

function readable<P extends PartName, U extends PartName>(
  { userPoolId, region, ...parts }: PoolSnapshot,
  needs: readonly P[],
  uses: readonly U[] = [],
): Readable<P, U> {
  const values = [...needs, ...uses].map((name) => {
    const part = parts[name];
    return [name, part.known === 'yes' ? part.value : undefined];
  });
  return { userPoolId, region, ...Object.fromEntries(values) };
}
