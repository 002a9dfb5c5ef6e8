import type { PoolSide } from '../../src/errors.js';
import type { Person } from './people.js';
import { KNOWN_KEYS_SECONDS, MISSED_SECONDS } from './seconds.js';
import { Stage, type StageOptions } from './stage.js';

export interface CutoverOptions extends StageOptions {
  /** How long things happen at random, before the legacy pool is closed for good. */
  readonly turbulenceSeconds: number;
}

/** A whole cutover: open, announced, sign-ins refused, closed, undone, closed for good; everything that can fail does on the way. */
export async function runCutover(options: CutoverOptions): Promise<Stage> {
  const stage = await Stage.open(options);
  try {
    await play(stage, options.turbulenceSeconds);
  } catch (error) {
    // The faults until then say more.
    stage.brokenOff = error;
    stage.timeline.say(`FAULT: it cannot go on. ${error}`);
  } finally {
    await stage.close();
  }
  return stage;
}

async function play(stage: Stage, turbulenceSeconds: number): Promise<void> {
  const { fleet, town } = stage;
  const [first, second] = fleet;
  if (first === undefined || second === undefined) throw new Error('no fleet');
  const third = (n: number) => town.people.filter((_, index) => index % 3 === n);

  await stage.start();
  await stage.pass(3);
  await stage.drain.ask();
  stage.move(third(0));
  stage.rotate('legacy');
  await stage.pass(2);

  const announceFrom = Date.now();
  await stage.setPlan('announced', { announceFrom });
  await stage.publish(third(0));
  stage.rotate('new');
  await stage.pass(KNOWN_KEYS_SECONDS);
  await stage.keysFail('new', 'error', 5);
  await stage.publish(third(1));

  await stage.kill(second);
  await stage.pass(MISSED_SECONDS);
  await stage.drain.ask();
  await stage.restart(second);

  const acceptSignInsBefore = Date.now();
  await stage.setPlan('sign-ins-refused', { announceFrom, acceptSignInsBefore });
  stage.move(third(1));
  stage.signInAgain(third(2).slice(0, 5));
  await Promise.all([stage.redisHangs(4), stage.pass(1).then(() => stage.drain.ask())]);
  await stage.keysFail('legacy', 'hang', 4);

  await stage.setPlan('closed', { announceFrom, acceptSignInsBefore, acceptUntil: Date.now() });
  await stage.pass(4);

  await stage.setPlan('announced', { announceFrom });
  stage.signInAgain(third(2));
  await stage.pass(4);
  await stage.drain.ask();

  await turbulence(stage, turbulenceSeconds);

  // Five never move. Their tokens are refused, which must not keep the pool from being safe to close.
  stage.move(third(2).slice(5));
  town.machines = ['new'];
  await stage.publish(third(2));
  const end = Date.now();
  await stage.setPlan('closed', { announceFrom, acceptSignInsBefore: end, acceptUntil: end });
  await stage.drain.ask();
  stage.rotate('new');
  await stage.showPhase('closed');
  await stage.drain.untilQuiet();
  await stage.drain.ask();

  await stage.kill(first);
  await stage.pass(MISSED_SECONDS);
  await stage.drain.ask();
  await stage.restart(first);
  await stage.pass(4);
  await stage.drain.ask();
  await stage.drain.untilQuiet();
  await stage.drain.ask();

  await second.end('SIGTERM');
  stage.timeline.say(`${second.name} ends, and says goodbye`);
  await stage.pass(4);
  await stage.drain.ask(2);
  await stage.drain.ask(3);
  await stage.stopLoad();
  await stage.checkMetrics();
  await Promise.all(fleet.map((instance) => instance.end('SIGTERM')));
  stage.timeline.say('all APIs have ended');
  await stage.drain.ask(1);
  await stage.stopRedis();
  await stage.drain.ask(1);
}

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
async function turbulence(stage: Stage, seconds: number): Promise<void> {
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
