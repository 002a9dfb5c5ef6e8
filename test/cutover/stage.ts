import { createClient } from 'redis';
import type { PoolSide } from '../../src/errors.js';
import { createRedisStore } from '../../src/legacy-id/redis.js';
import type { Phase } from '../../src/operate/phases/phase-source.js';
import { createTestPools, type OutageMode, type TestPools } from '../../src/testing/index.js';
import { giveBack, newSigningKey } from '../../src/testing/signing-keys.js';
import { type Random, randomFrom } from '../support/cognito-simulator/random.js';
import { startRedis } from '../support/redis-server.js';
import { DrainChecks } from './drain-checks.js';
import { Instance } from './fleet.js';
import { Load, type LoadFault } from './load.js';
import { type Plan, World } from './model.js';
import { Operator } from './operator.js';
import { type Person, Town } from './people.js';
import { API_SECONDS, FOLLOWING, LIFETIMES } from './seconds.js';
import { Timeline, tallyInWords } from './timeline.js';

const MOST_FAULTS_SHOWN = 20;
const TALLY_MS = 5_000;
/** A rotation takes two keys. They are made beforehand: making one stops this process for a tenth of a second. */
const SPARE_KEYS = 12;

export interface StageOptions {
  readonly seed: number;
  /** People whose tokens of the new pool carry their legacy id, and people who have to be published. */
  readonly claimed: number;
  readonly lookedUp: number;
  readonly perSecond: number;
  print(line: string): void;
}

type Redis = Awaited<ReturnType<typeof startRedis>>;
type Client = Awaited<ReturnType<typeof connect>>;

async function connect(url: string) {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Three APIs, two pools, Redis, and people who call the APIs all the time; and what can happen to all of these. */
export class Stage {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly pools: TestPools;
  readonly redis: Redis;
  readonly world = new World(FOLLOWING);
  readonly town: Town;
  readonly fleet: readonly Instance[];
  readonly load: Load;
  readonly operator: Operator;
  readonly drain: DrainChecks;
  /** What was set, and is not in force: phases that the command did not name rightly. */
  readonly phaseFaults: string[] = [];
  /** Why it could not be played to its end. */
  brokenOff: unknown;
  /** What the metrics of an API say, and what it answered. */
  readonly metrics: { instance: string; told: Record<string, number>; answers: Record<string, number> }[] = [];
  readonly #client: Client;
  #tallies: NodeJS.Timeout | undefined;

  static async open(options: StageOptions): Promise<Stage> {
    giveBack(await Promise.all(Array.from({ length: SPARE_KEYS }, newSigningKey)));
    const [redis, pools] = await Promise.all([startRedis(), createTestPools()]);
    return new Stage(options, redis, await connect(redis.url), pools);
  }

  private constructor(options: StageOptions, redis: Redis, client: Client, pools: TestPools) {
    this.redis = redis;
    this.#client = client;
    this.pools = pools;
    this.timeline = new Timeline(options.print);
    this.random = randomFrom(options.seed);
    this.town = new Town(pools, LIFETIMES, this.random, options);
    const config = {
      redis: redis.url,
      legacyPool: pools.legacyPool.options,
      newPool: {
        ...pools.newPool.options,
        clientAliases: { [pools.newPool.clientId]: pools.legacyPool.clientId },
      },
      ...API_SECONDS,
    };
    this.fleet = ['api-1', 'api-2', 'api-3'].map((name) => new Instance(name, config));
    this.load = new Load({
      town: this.town,
      world: this.world,
      fleet: this.fleet,
      random: this.random,
      perSecond: options.perSecond,
      onFault: (fault) => {
        if (this.load.faults.length <= MOST_FAULTS_SHOWN) this.timeline.say(faultInWords(fault));
      },
      onLegacyToken: (instance, { expiresAt }, at) =>
        instance.runs.at(-1)?.tokens.push({ at, expiresAt: expiresAt * 1000 }),
    });
    this.operator = new Operator(redis.url);
    this.drain = new DrainChecks(this.operator, this.fleet, this.world, this.timeline);
  }

  async start(): Promise<void> {
    await Promise.all(this.fleet.map((instance) => instance.start()));
    this.timeline.say(`three APIs are ready; ${this.town.people.length} people sign in at the legacy pool`);
    this.load.start();
    this.#tallies = setInterval(() => {
      this.timeline.say(`  ${tallyInWords(this.load.takeTally())}`);
    }, TALLY_MS);
  }

  async stopLoad(): Promise<void> {
    clearInterval(this.#tallies);
    await this.load.stop();
  }

  /** Compares the metrics of the APIs that run with the answers that they gave. */
  async checkMetrics(): Promise<void> {
    for (const instance of this.fleet) {
      const run = instance.runs.at(-1);
      if (run === undefined || run.ending !== undefined) continue;
      this.metrics.push({ instance: instance.name, told: await instance.decisions(), answers: run.answers });
    }
    this.timeline.say('the metrics are compared with the answers');
  }

  async close(): Promise<void> {
    this.redis.resume();
    await this.stopLoad();
    await Promise.all(this.fleet.map((instance) => instance.end('SIGTERM')));
    this.#client.destroy();
    await Promise.all([this.redis.stop(), this.pools.close()]);
    this.timeline.end(this.fleet.map(({ longestPauseMs }) => longestPauseMs));
  }

  pass(seconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }

  rotate(pool: PoolSide): void {
    this.timeline.say(`the ${pool} pool rotates its keys`);
    this.#pool(pool).rotateKeys();
  }

  async keysFail(pool: PoolSide, mode: OutageMode, seconds: number): Promise<void> {
    this.timeline.say(`the key endpoint of the ${pool} pool fails (${mode})`);
    this.#pool(pool).outage(mode);
    await this.pass(seconds);
    this.#pool(pool).outage('off');
    this.timeline.say(`the key endpoint of the ${pool} pool works again`);
  }

  /** Redis hangs: connections stay, nothing is answered, nothing is lost. */
  async redisHangs(seconds: number): Promise<void> {
    this.timeline.say('Redis hangs');
    const outage = { from: Date.now(), until: Number.POSITIVE_INFINITY };
    this.world.storeOutages.push(outage);
    this.redis.pause();
    await this.pass(seconds);
    this.redis.resume();
    outage.until = Date.now();
    this.timeline.say('Redis answers again');
  }

  /** Redis ends for good. */
  async stopRedis(): Promise<void> {
    await this.redis.stop();
    this.world.storeOutages.push({ from: Date.now(), until: Number.POSITIVE_INFINITY });
    this.timeline.say('Redis has ended');
  }

  /** People sign in at another pool from now on. */
  move(people: readonly Person[], pool: PoolSide = 'new'): void {
    for (const person of people) person.moveTo(pool);
    this.timeline.say(`${people.length} people move to the ${pool} pool`);
  }

  /** People sign in again, where they are. */
  signInAgain(people: readonly Person[]): void {
    for (const person of people) person.signOut();
    this.timeline.say(`${people.length} people sign in again`);
  }

  /** Puts the mapping of these people into Redis, as `publish` does. */
  async publish(people: readonly Person[]): Promise<void> {
    const store = createRedisStore({ client: this.#client });
    for (const person of people) {
      if (person.mapping === 'claim') continue;
      const askedAt = Date.now();
      const change = { to: person.legacyId, askedAt, doneAt: Number.POSITIVE_INFINITY };
      person.mapping.published = change;
      await store.set(person.newSub, person.legacyId);
      change.doneAt = Date.now();
    }
    this.timeline.say(`${people.length} people are published`);
  }

  async kill(instance: Instance): Promise<void> {
    await instance.end('SIGKILL');
    this.timeline.say(`${instance.name} is killed`);
  }

  async restart(instance: Instance): Promise<void> {
    await instance.start();
    this.timeline.say(`${instance.name} is back`);
  }

  /** Sets the plan, and says which phase that is. What the plan leaves out is taken back. */
  async setPlan(phase: Phase, to: Plan): Promise<void> {
    const change = { to, askedAt: Date.now(), doneAt: Number.POSITIVE_INFINITY };
    this.world.plans.push(change);
    this.#checkPhase(await this.operator.setPlan(to), phase);
    change.doneAt = Date.now();
    this.timeline.say(`phase set: ${phase}`);
  }

  async showPhase(phase: Phase): Promise<void> {
    this.#checkPhase(await this.operator.phase(), phase);
  }

  #checkPhase(told: string, phase: Phase): void {
    if (told === phase) return;
    this.phaseFaults.push(`the phase ${phase} is in force, but the command says ${told}`);
    this.timeline.say(`FAULT of phase: it says ${told} instead of ${phase}`);
  }

  #pool(side: PoolSide) {
    return side === 'legacy' ? this.pools.legacyPool : this.pools.newPool;
  }
}

function faultInWords({ instance, token, kind, detail }: LoadFault): string {
  return `FAULT at ${instance}: ${kind}, for a ${token.kind} token of the ${token.pool} pool: ${detail}`;
}
