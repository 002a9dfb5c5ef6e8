import { DrainCounter } from '../../../../src/operate/drain/count/drain-counter.js';
import type { DrainInstance, DrainRecord, DrainReport } from '../../../../src/operate/drain/drain-types.js';
import { drainReport } from '../../../../src/operate/drain/report/drain-report.js';
import { gone } from '../../../../src/operate/drain/stores/retained.js';
import { accepted } from '../support.js';

/**
 * A random fleet and random users, minute by minute, and what `drain` says of it. The users are the truth: whoever holds a token, or a refresh
 * token that gets one, can come. The fleet does all that happens to one; nothing here shares code with the answer.
 */
const MINUTE = 60_000;
const TOKEN_MINUTES = 60;
const REFRESH_MINUTES = 120;
/** People sign in at the legacy pool until then, and everything goes wrong that can. */
const TROUBLE_MINUTES = 300;
/** Everybody is quiet by then, and everything known: enough for whatever the answer has to wait for. */
const END_MINUTES = TROUBLE_MINUTES + 2 * (REFRESH_MINUTES + TOKEN_MINUTES) + 10;
const BEGIN = Date.UTC(2026, 0, 15, 6);
const QUESTION = { refreshTokenSeconds: REFRESH_MINUTES * 60, tokenSeconds: TOKEN_MINUTES * 60 };

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Process {
  readonly name: string;
  readonly run: string;
  /** `undefined`: a release without a monitor. */
  readonly counter: DrainCounter | undefined;
  readonly startedAt: number;
  readonly skew: number;
  isCutOff: boolean;
}

interface User {
  readonly sub: string;
  readonly refreshUntil: number;
  tokenUntil: number;
}

export interface Outcome {
  /** When it was said to be safe although somebody could come, in minutes. */
  readonly lies: readonly number[];
  readonly lastSafe: boolean;
  readonly lastReport: DrainReport;
}

/** Lives through one world. */
export function live(seed: number): Outcome {
  const random = randomOf(seed);
  const chance = (probability: number) => random() < probability;
  const size = 1 + Math.floor(random() * 3);
  // Pods have a new name with every start; then it must be said how many there are, or nothing is ever known.
  const [isPods, isSized, isSkewed] = [chance(0.4), chance(0.6), chance(0.3)];
  const expectInstances = isSized ? size : undefined;
  const instances = new Map<string, DrainInstance>();
  const records = new Map<string, DrainRecord>();
  let since: number | undefined;
  let isStoreDown = false;
  const slots: (Process | undefined)[] = Array.from({ length: size });
  const backAt = slots.map(() => 0);
  const users: User[] = [];
  const killed: { readonly name: string; readonly at: number }[] = [];
  const lies: number[] = [];
  const lastSignIn = TROUBLE_MINUTES * random();
  let runs = 0;
  let now = BEGIN;

  const start = (slot: number, isCounting: boolean) => {
    runs += 1;
    const name = isPods ? `pod-${runs}` : `api-${slot}`;
    const skew = isSkewed ? Math.round((random() * 2 - 1) * 60_000) : 0;
    const counter = isCounting ? new DrainCounter(name, `r${runs}`) : undefined;
    slots[slot] = { name, run: `r${runs}`, counter, startedAt: now + skew, skew, isCutOff: false };
  };
  const flush = ({ name, run, counter, startedAt, skew, isCutOff }: Process, isEnd = false) => {
    if (counter === undefined || isCutOff || isStoreDown) return;
    const reportedAt = now + skew;
    since ??= reportedAt;
    const unwritten = counter.unwritten();
    for (const record of unwritten.records) records.set(`${run} ${record.userPoolId} ${record.day}`, record);
    // The connection breaks in the middle: the instance is written last.
    if (chance(0.02)) return;
    const ended = isEnd ? { endedAt: reportedAt } : {};
    const legacy = counter.traces();
    instances.set(run, { instance: name, run, startedAt, reportedAt, ...ended, flushSeconds: 60, legacy });
    unwritten.written(reportedAt);
  };
  const come = (user: User) => {
    const serving = slots.filter((one) => one !== undefined);
    const at = serving[Math.floor(random() * serving.length)];
    if (at === undefined) return;
    const skewed = now + at.skew;
    at.counter?.count(accepted(skewed, { sub: user.sub, expiresAt: user.tokenUntil / 1000 }), skewed);
  };
  const disturb = () => {
    if (chance(0.004)) isStoreDown = !isStoreDown;
    // Without their number, instances that cannot write to a store that was emptied are known to nobody.
    if (chance(0.002) && (isSized || slots.every((one) => one?.counter !== undefined && !one.isCutOff))) {
      instances.clear();
      records.clear();
      since = undefined;
    }
    for (const [slot, process] of slots.entries()) {
      if (process === undefined) {
        if (now >= backAt[slot]!) start(slot, true);
      } else if (process.counter === undefined) {
        if (chance(0.01)) slots[slot] = undefined;
      } else if (chance(0.006)) {
        process.isCutOff = !process.isCutOff;
      } else if (chance(0.008)) {
        const isKilled = chance(0.5);
        if (!isKilled) flush(process, true);
        // A goodbye that was not heard is none.
        if (instances.get(process.run)?.endedAt === undefined) killed.push({ name: process.name, at: now });
        slots[slot] = undefined;
        backAt[slot] = now + Math.floor(random() * (chance(0.5) ? 3 : 60)) * MINUTE;
        // Rolled back to a release without a monitor, for longer than a restart takes.
        if (chance(0.2)) start(slot, false);
      }
    }
  };
  const settle = () => {
    isStoreDown = false;
    for (const [slot, process] of slots.entries()) {
      if (process?.counter === undefined) start(slot, true);
      else process.isCutOff = false;
    }
  };
  const sayGone = () => {
    for (const { name, at } of killed.splice(0)) {
      const said = chance(0.5) ? at + MINUTE : undefined;
      for (const run of gone([...instances.values()], name, said, now)) {
        if (!slots.some((process) => process?.run === run.run)) instances.set(run.run, run);
      }
    }
  };

  for (const slot of slots.keys()) start(slot, true);
  for (let minute = 0; minute <= END_MINUTES; minute += 1) {
    now = BEGIN + minute * MINUTE;
    if (minute < TROUBLE_MINUTES) disturb();
    if (minute === TROUBLE_MINUTES) settle();
    if (minute < lastSignIn && chance(0.01) && slots.some((one) => one !== undefined)) {
      const [tokenUntil, refreshUntil] = [now + TOKEN_MINUTES * MINUTE, now + REFRESH_MINUTES * MINUTE];
      users.push({ sub: `u${users.length}`, refreshUntil, tokenUntil });
      come(users.at(-1)!);
    }
    for (const user of users) {
      const isLastMoment = user.refreshUntil - now === MINUTE;
      if (now >= user.tokenUntil && now < user.refreshUntil && (isLastMoment ? chance(0.7) : chance(0.004))) {
        user.tokenUntil = now + TOKEN_MINUTES * MINUTE;
      }
      if (isLastMoment && chance(0.5)) user.tokenUntil = now + TOKEN_MINUTES * MINUTE;
      if (now < user.tokenUntil && chance(0.005)) come(user);
    }
    for (const process of slots) {
      if (process === undefined) continue;
      // The new pool is in use all the time.
      if (minute % 50 === 0) process.counter?.count(accepted(now, { pool: 'new' }), now);
      flush(process);
    }
    if (isPods ? minute % 50 === 0 : minute % 100 === 0) sayGone();
    if (minute % 5 !== 0 && minute !== END_MINUTES) continue;
    // One that has never counted is known to nobody who does not know how many there are.
    if (!isSized && slots.some((one) => one !== undefined && one.counter === undefined)) continue;
    const canCome = users.some((user) => user.refreshUntil > now + MINUTE || user.tokenUntil > now + MINUTE);
    if (canCome && !isStoreDown && reportNow().safeToClose) lies.push(minute);
  }
  sayGone();
  const lastReport = reportNow();
  return { lies, lastSafe: lastReport.safeToClose, lastReport };

  function reportNow(): DrainReport {
    const named = { legacyPools: ['eu-west-1_Legacy000'] };
    const content = { instances: [...instances.values()], records: [...records.values()], since: since ?? now };
    return drainReport({ ...QUESTION, ...named, ...content, now, expectInstances });
  }
}
