import type { PoolSide } from '../../src/errors.js';
import type { Person } from './people.js';
import { KNOWN_KEYS_SECONDS } from './seconds.js';
import type { Stage } from './stage.js';

type Act = (stage: Stage) => Promise<void>;

/**
 * What may happen at any time, one after the other: a pool whose keys have just changed fails a moment later at the earliest,
 * since keys that were never published long enough to be read cannot be known.
 */
const ACTS: readonly Act[] = [
  async (stage) => {
    stage.rotate(anyPool(stage));
    await stage.pass(KNOWN_KEYS_SECONDS);
  },
  (stage) =>
    stage.keysFail(anyPool(stage), anyOf(stage, ['error', 'hang', 'refuse', 'garbage', 'empty']), between(stage, 2, 8)),
  async (stage) => {
    const instance = anyOf(stage, stage.fleet);
    await stage.kill(instance);
    await stage.pass(between(stage, 0, 9));
    await stage.drain.ask();
    await stage.restart(instance);
  },
  async (stage) => {
    await Promise.all([stage.redisHangs(between(stage, 1, 6)), stage.pass(0.5).then(() => stage.drain.ask())]);
  },
  async (stage) => stage.move(some(stage), anyPool(stage)),
  async (stage) => stage.signInAgain(some(stage)),
  (stage) => stage.publish(some(stage)),
  setAnyPlan,
  setAnyPlan,
  quietAndBack,
];

/** Random acts, drain asked after each, until the time is over. */
export async function turbulence(stage: Stage, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    await anyOf(stage, ACTS)(stage);
    await stage.pass(between(stage, 0, 3));
    await stage.drain.ask();
  }
}

async function setAnyPlan(stage: Stage): Promise<void> {
  const now = Date.now();
  const plans = [
    ['open', {}],
    ['announced', { announceFrom: now }],
    ['sign-ins-refused', { announceFrom: now, acceptSignInsBefore: now, acceptUntil: now + 3_600_000 }],
    ['closed', { announceFrom: now, acceptSignInsBefore: now, acceptUntil: now }],
  ] as const;
  const [phase, plan] = anyOf(stage, plans);
  await stage.setPlan(phase, plan);
}

/** Nobody uses the legacy pool for a while, and then some do again. */
async function quietAndBack(stage: Stage): Promise<void> {
  stage.move(stage.town.people, 'new');
  stage.town.machines = ['new'];
  await stage.drain.untilQuiet();
  await stage.drain.ask();
  stage.town.machines = ['legacy', 'new'];
  stage.move(some(stage), 'legacy');
}

const between = ({ random }: Stage, least: number, most: number) => least + random() * (most - least);
const anyOf = <T>({ random }: Stage, all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
const anyPool = (stage: Stage): PoolSide => anyOf(stage, ['legacy', 'new']);
const some = (stage: Stage): readonly Person[] => stage.town.people.filter(() => stage.random() < 0.2);
