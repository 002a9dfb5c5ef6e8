import { setTimeout as delay } from 'node:timers/promises';
import { DroppedConnection, internalError, invalidRequest, notFound, ServiceError } from './errors.js';
import { type Fault, Faults } from './faults.js';
import type { Operation, Pools } from './operation.js';
import { authOperations } from './operations/auth.js';
import { clientOperations } from './operations/clients.js';
import { customAuthOperations } from './operations/custom-auth.js';
import { groupOperations } from './operations/groups.js';
import { importOperations } from './operations/imports.js';
import { poolOperations } from './operations/pools.js';
import { sessionOperations } from './operations/sessions.js';
import { signOutOperations } from './operations/sign-outs.js';
import { userOperations } from './operations/users.js';
import { type PoolOptions, SimulatedPool } from './pool.js';
import { type QuotaOptions, Quotas } from './quotas.js';
import { type Random, randomFrom } from './random.js';
import { Stats } from './stats.js';

export interface SimulatorOptions extends QuotaOptions {
  pools: readonly PoolOptions[];
  faults?: readonly Fault[];
  /** How long every answer takes; a pair: from, to. @defaultValue 0 */
  latencyMs?: number | readonly [number, number];
  /** The same seed gives the same users, faults and oddities. @defaultValue 1 */
  seed?: number;
  /** Milliseconds since the epoch. @defaultValue the system's clock */
  now?: () => number;
  /** Called before a request is carried out, so that something can happen in between. */
  onRequest?: (request: SimulatedRequest, simulator: SimulatorCore) => void | Promise<void>;
}

interface SimulatedRequest {
  operation: string;
  input: Readonly<Record<string, unknown>>;
  poolId: string;
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ...userOperations,
    ...authOperations,
    ...customAuthOperations,
    ...signOutOperations,
    ...poolOperations,
    ...clientOperations,
    ...groupOperations,
    ...importOperations,
    ...sessionOperations,
  }),
);

const systemNow = () => performance.timeOrigin + performance.now();

/** The service without its wire: what a request goes through, and everything a test may look at. */
export class SimulatorCore implements Pools {
  endpoint = '';
  readonly stats = new Stats();
  readonly faults: Faults;
  readonly quotas: Quotas;
  readonly now: () => number;
  latencyMs: number | readonly [number, number];
  readonly #pools = new Map<string, SimulatedPool>();
  readonly #random: Random;
  readonly #onRequest: SimulatorOptions['onRequest'];

  constructor({
    pools,
    faults = [],
    latencyMs = 0,
    seed = 1,
    now = systemNow,
    onRequest,
    ...quotas
  }: SimulatorOptions) {
    this.now = now;
    this.latencyMs = latencyMs;
    this.#random = randomFrom(seed);
    this.faults = new Faults(faults, randomFrom(seed + 1));
    this.quotas = new Quotas(quotas);
    this.#onRequest = onRequest;
    for (const pool of pools) this.#pools.set(pool.id, new SimulatedPool(pool, seed, now));
  }

  /** @throws ResourceNotFoundException, as the service would answer. */
  pool(id: string): SimulatedPool {
    const pool = this.#pools.get(id);
    if (pool === undefined) throw notFound(`User pool ${id} does not exist.`);
    return pool;
  }

  all(): Iterable<SimulatedPool> {
    return this.#pools.values();
  }

  /**
   * Carries out one request.
   *
   * @throws ServiceError for an answer that is an exception, DroppedConnection where there is to be none
   */
  async handle(name: string, input: Readonly<Record<string, unknown>>, accessKey?: string): Promise<object> {
    const operation = OPERATIONS.get(name);
    if (operation === undefined) throw new ServiceError('UnknownOperationException', `No such operation: ${name}`);
    this.stats.attempt(name, operation.category, this.now());
    const counts = this.stats.of(name);
    try {
      const answer = await this.#answer(name, operation, input, accessKey);
      counts.accepted++;
      return answer;
    } catch (error) {
      if (error instanceof ServiceError && error.type === 'TooManyRequestsException') counts.throttled++;
      else counts.failed++;
      throw error;
    }
  }

  async #answer(name: string, operation: Operation, input: Readonly<Record<string, unknown>>, accessKey?: string) {
    const pool = this.#locate(operation, input);
    this.stats.signedBy(pool.id, accessKey);
    const username = typeof input['Username'] === 'string' ? input['Username'] : undefined;
    const fault = this.faults.next({ operation: name, poolId: pool.id, username });
    await this.#wait(fault);
    throwFault(fault);
    const owner = `${pool.account} ${pool.region}`;
    const { category } = operation;
    this.quotas.admit({ operation: name, category, poolId: pool.id, owner, username }, this.now());
    checkPermission(pool, name, operation, accessKey);
    await this.#onRequest?.({ operation: name, input, poolId: pool.id }, this);
    const answer = await operation.run({ operation: name, input: input as never, pool, pools: this, now: this.now() });
    if (fault?.kind === 'drop-after') throw new DroppedConnection();
    return answer;
  }

  #locate(operation: Operation, input: Readonly<Record<string, unknown>>): SimulatedPool {
    if (operation.locate !== undefined) return operation.locate(this, input as never);
    const id = input['UserPoolId'];
    if (typeof id !== 'string') throw invalidRequest('userPoolId', 'not be null');
    return this.pool(id);
  }

  async #wait(fault: Fault | undefined): Promise<void> {
    const { latencyMs } = this;
    const base = typeof latencyMs === 'number' ? latencyMs : latencyMs[0];
    const spread = typeof latencyMs === 'number' ? 0 : latencyMs[1] - latencyMs[0];
    const ms = base + spread * this.#random() + (fault?.kind === 'slow' ? (fault.ms ?? 0) : 0);
    if (ms > 0) await delay(ms);
  }
}

function throwFault(fault: Fault | undefined): void {
  switch (fault?.kind) {
    case 'throttle':
      throw new ServiceError('TooManyRequestsException', 'Rate exceeded');
    case 'internal-error':
      throw internalError();
    case 'drop-before':
      throw new DroppedConnection();
    case 'error':
      throw new ServiceError(fault.type ?? 'InternalErrorException', fault.message ?? 'Simulated');
  }
}

function checkPermission(pool: SimulatedPool, name: string, { write }: Operation, accessKey: string | undefined): void {
  const { accessKeys, deny, replica } = pool.options;
  if (accessKey !== undefined && accessKeys?.includes(accessKey) === false) {
    throw notFound(`User pool ${pool.id} does not exist.`);
  }
  if (deny?.includes(name)) {
    throw new ServiceError(
      'AccessDeniedException',
      `User: arn:aws:sts::${pool.account}:assumed-role/test/test is not authorized to perform: cognito-idp:${name} on resource: ${pool.settings.Arn}`,
    );
  }
  if (replica === true && write === true) {
    throw new ServiceError('OperationNotEnabledException', 'This operation is not enabled in a replica Region.');
  }
}
