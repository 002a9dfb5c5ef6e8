import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { BulkStore } from '../../../src/legacy-id/store.js';
import { MigrationError } from '../../../src/migrate/migration-error.js';
import { runPlan } from '../../../src/migrate/plan.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { type PublishOptions, readCertainUsers, runPublish } from '../../../src/migrate/publish/publish.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { openState, type State } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../support/fake-directory.js';

const folder = mkdtempSync(join(tmpdir(), 'publish-'));
afterAll(() => rmSync(folder, { recursive: true }));

const states: State[] = [];
afterEach(() => {
  for (const state of states.splice(0)) state.close();
});

function newState(): State {
  const state = openState({ path: join(folder, `${randomUUID()}.db`), access: 'plan' });
  states.push(state);
  return state;
}

/** A store in memory that may fail. */
class MemoryStore implements BulkStore {
  readonly users = new Map<string, string>();
  readonly batchSize: number = 2;
  readonly calls: string[] = [];
  /** Called before each batch; what it throws is the answer. `after`: once it is stored. */
  before: () => void = () => {};
  after: () => void = () => {};

  get = (newSub: string) => this.users.get(newSub);
  set = (newSub: string, legacyId: string) => this.users.set(newSub, legacyId);

  async setMany(users: readonly (readonly [string, string])[]) {
    this.calls.push(`set ${users.length}`);
    this.before();
    for (const [newSub, legacyId] of users) this.users.set(newSub, legacyId);
    this.after();
  }

  async deleteMany(newSubs: readonly string[]) {
    this.calls.push(`delete ${newSubs.length}`);
    this.before();
    for (const newSub of newSubs) this.users.delete(newSub);
    this.after();
  }
}

const person = (name: string, over: Record<string, string> = {}): FakeUser => ({
  username: name,
  sub: `${over['sub'] ?? name}-sub`,
  attributes: { email: `${name}@example.com`, email_verified: 'true', ...over },
});
const legacy = (...names: string[]) => names.map((name) => person(name));
const current = (...names: string[]) => names.map((name) => ({ ...person(name), sub: `new-${name}` }));

/** A state with a finished plan of these users. */
async function planned(
  legacyUsers: readonly FakeUser[],
  newUsers: readonly FakeUser[],
  options: Partial<PlanOptions> = {},
): Promise<State> {
  const state = options.state ?? newState();
  await runPlan({
    state,
    legacyPools: [new FakeDirectory('eu-west-1_Old', { users: legacyUsers })],
    newPool: new FakeDirectory('eu-west-1_New', { users: newUsers }),
    clock: new AutoClock(),
    match: ['email'],
    ...options,
  });
  return state;
}

function publish(state: State, store: BulkStore, options: Partial<PublishOptions> = {}) {
  return runPublish({
    state,
    store,
    name: 'memory://',
    explain: (error) => new MigrationError('ERR_UNAVAILABLE', 'the store failed', { cause: error }),
    ...options,
  });
}

describe('runPublish', () => {
  it('puts every user whose legacy id is certain, and nobody else', async () => {
    const right = { ...person('right'), sub: 'new-right' };
    right.attributes['custom:legacy_sub'] = 'right-sub';
    const conflict = { ...person('conflict'), sub: 'new-conflict' };
    conflict.attributes['custom:legacy_sub'] = 'somebody-else';
    const unverified = { ...person('unverified'), sub: 'new-unverified' };
    unverified.attributes['email_verified'] = 'false';
    const state = await planned(legacy('moved', 'right', 'conflict', 'unverified', 'twice'), [
      ...current('moved', 'born'),
      right,
      conflict,
      unverified,
      { ...person('twice'), sub: 'new-twice-1' },
      { ...person('twice'), username: 'twice-again', sub: 'new-twice-2' },
    ]);
    const store = new MemoryStore();
    expect(await publish(state, store)).toMatchObject({
      users: 2,
      written: 2,
      unchanged: 0,
      removed: 0,
      checked: 2,
      wrong: 0,
    });
    expect(store.users).toEqual(
      new Map([
        ['new-moved', 'moved-sub'],
        ['new-right', 'right-sub'],
      ]),
    );
    expect([...readCertainUsers(state)]).toEqual([
      { newSub: 'new-moved', legacyId: 'moved-sub' },
      { newSub: 'new-right', legacyId: 'right-sub' },
    ]);
  });

  it('puts new-born users only where the plan stamps them', async () => {
    const store = new MemoryStore();
    await publish(await planned(legacy('moved'), current('moved', 'born')), store);
    expect([...store.users.keys()]).toEqual(['new-moved']);
    await publish(await planned(legacy('moved'), current('moved', 'born'), { stampNewBorn: true }), store);
    expect(store.users.get('new-born')).toBe('new-born');
  });

  it('keeps new-born users whom the night before has stamped', async () => {
    const store = new MemoryStore();
    const before = await planned(legacy('moved'), current('moved', 'born'), { stampNewBorn: true });
    await publish(before, store);
    const born = { ...person('born', { 'custom:legacy_sub': 'new-born' }), sub: 'new-born' };
    const after = await planned(legacy('moved'), [...current('moved'), born], { stampNewBorn: true, state: before });
    expect(await publish(after, store)).toMatchObject({ users: 2, unchanged: 2, removed: 0 });
    expect(store.users.get('new-born')).toBe('new-born');
  });

  it('puts no value that the listings do not know, as damage leaves it', async () => {
    const state = await planned(legacy('moved', 'right'), current('moved', 'right'));
    state.db.run("UPDATE decisions SET value = 'mowed-sub' WHERE value = 'moved-sub'");
    const store = new MemoryStore();
    await expect(publish(state, store)).rejects.toMatchObject({ code: 'ERR_STATE_INVALID' });
    expect(store.users.size).toBe(0);
    expect([...readCertainUsers(state)]).toEqual([{ newSub: 'new-right', legacyId: 'right-sub' }]);
  });

  it('leaves alone what it put there before', async () => {
    const state = await planned(legacy('a', 'b', 'c'), current('a', 'b', 'c'));
    const store = new MemoryStore();
    await publish(state, store);
    store.calls.length = 0;
    expect(await publish(state, store)).toMatchObject({ users: 3, written: 0, unchanged: 3, removed: 0, checked: 3 });
    expect(store.calls).toEqual([]);
  });

  it('tells stores apart', async () => {
    const state = await planned(legacy('a'), current('a'));
    await publish(state, new MemoryStore(), { name: 'one' });
    const other = new MemoryStore();
    expect(await publish(state, other, { name: 'two' })).toMatchObject({ written: 1 });
    expect(other.users.size).toBe(1);
  });

  it('after another plan writes the difference, and takes back what that plan does not stand by', async () => {
    const store = new MemoryStore();
    const state = await planned(legacy('a', 'b', 'c'), current('a', 'b', 'c'));
    await publish(state, store);
    // `b` is claimed twice now, `c` is gone, `d` has come; `a` is recognised as somebody else.
    const clash = { ...person('b'), username: 'b-again', sub: 'new-b-again' };
    const a = { ...person('x'), username: 'a', sub: 'new-a' };
    await planned(legacy('a', 'b', 'c', 'd', 'x'), [a, ...current('b', 'd'), clash], { state });
    store.calls.length = 0;
    expect(await publish(state, store)).toMatchObject({ users: 2, written: 2, unchanged: 0, removed: 2 });
    expect(store.calls).toEqual(['delete 2', 'set 2']);
    expect(store.users).toEqual(
      new Map([
        ['new-a', 'x-sub'],
        ['new-d', 'd-sub'],
      ]),
    );
  });

  const many = Array.from({ length: 100 }, (_, n) => `user-${n}`);

  it('continues after a failure, and repeats no more than what was under way', async () => {
    const state = await planned(legacy(...many), current(...many));
    const store = new MemoryStore();
    let left = 20;
    store.before = () => {
      left -= 1;
      if (left < 0) throw new Error('gone');
    };
    await expect(publish(state, store)).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      partial: { users: 100, written: 32 },
    });
    expect(store.users.size).toBe(40);
    store.before = () => {};
    expect(await publish(state, store)).toMatchObject({ users: 100, written: 68, unchanged: 32, wrong: 0 });
    expect(store.users.size).toBe(100);
  });

  it('knows what a killed run may have written, and takes it back if the plan has changed', async () => {
    const state = await planned(legacy('a', 'b'), current('a', 'b'));
    const store = new MemoryStore();
    // Stored, but the process ended before it could record that.
    store.after = () => {
      throw new Error('killed');
    };
    await expect(publish(state, store)).rejects.toThrow();
    expect(store.users.size).toBe(2);
    store.after = () => {};
    await planned(legacy('a'), current('a', 'b'), { state });
    expect(await publish(state, store)).toMatchObject({ written: 1, removed: 1 });
    expect([...store.users.keys()]).toEqual(['new-a']);
  });

  it('reports a store that was changed by somebody else, and writes everything when told to', async () => {
    const state = await planned(legacy('a', 'b'), current('a', 'b'));
    const store = new MemoryStore();
    await publish(state, store);
    store.users.set('new-a', 'b-sub');
    store.users.delete('new-b');
    expect(await publish(state, store)).toMatchObject({ written: 0, checked: 2, wrong: 2 });
    expect(await publish(state, store, { again: true })).toMatchObject({ written: 2, unchanged: 0, wrong: 0 });
    expect(store.users.get('new-a')).toBe('a-sub');
  });

  it('stops between batches when asked to, with everything recorded', async () => {
    const state = await planned(legacy(...many), current(...many));
    const store = new MemoryStore();
    const stop = new AbortController();
    store.after = () => stop.abort();
    await expect(publish(state, store, { signal: stop.signal })).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
      partial: { written: 32 },
    });
    store.after = () => {};
    expect(await publish(state, store)).toMatchObject({ written: 68, unchanged: 32 });
  });

  it('takes back no more than it may, and then does nothing at all', async () => {
    const state = await planned(legacy(...many), current(...many));
    const store = new MemoryStore();
    await publish(state, store);
    store.calls.length = 0;
    // Eleven of a hundred: ten are gone, and one has become somebody else.
    const other = { ...person('other'), username: many[10] ?? '', sub: `new-${many[10]}` };
    await planned(legacy(...many, 'other'), [other, ...current(...many.slice(11), 'other')], { state });
    const before = new Map(store.users);
    await expect(publish(state, store)).rejects.toMatchObject({
      name: 'ConfigurationError',
      option: 'allowRemovals',
      message: expect.stringMatching(/11 of the 100 users published to memory:.* at most 10 are allowed/),
    });
    await expect(publish(state, store, { allowRemovals: 10 })).rejects.toThrow(/allowRemovals/);
    expect(store.calls).toEqual([]);
    expect(store.users).toEqual(before);
  });

  it('takes back as many as it is told it may', async () => {
    const state = await planned(legacy(...many), current(...many));
    const store = new MemoryStore();
    await publish(state, store);
    await planned(legacy(...many), current(...many.slice(50)), { state });
    expect(await publish(state, store, { allowRemovals: 50 })).toMatchObject({ users: 50, removed: 50 });
    expect(store.users.size).toBe(50);
  });

  it('may take back one in a hundred, however many they are', async () => {
    const names = Array.from({ length: 2000 }, (_, n) => `user-${n}`);
    const state = await planned(legacy(...names), current(...names));
    const store = new MemoryStore();
    await publish(state, store);
    await planned(legacy(...names), current(...names.slice(20)), { state });
    expect(await publish(state, store)).toMatchObject({ users: 1980, removed: 20 });
    await planned(legacy(...names), current(...names.slice(40)), { state });
    await expect(publish(state, store)).rejects.toThrow(/20 of the 1980 users .* at most 19 are allowed/);
  });

  it('reports how far it is', async () => {
    const state = await planned(legacy(...many), current(...many));
    const events: ProgressEvent[] = [];
    await publish(state, new MemoryStore(), { onProgress: (event) => events.push(event) });
    const writes = events.filter((event) => event.type === 'write');
    expect(writes.map(({ written, total, done }) => [written, total, done])).toEqual([
      [0, 100, false],
      [32, 100, false],
      [64, 100, false],
      [96, 100, false],
      [100, 100, false],
      [100, 100, true],
    ]);
  });

  it.each([-86_400_000, 86_400_000])('tells how long it took when the wall clock is set by %d ms', async (byMs) => {
    const state = await planned(legacy('a'), current('a'));
    const store = new MemoryStore();
    const clock = new AutoClock();
    store.after = () => clock.setWallClock(byMs);
    expect(await publish(state, store, { clock })).toMatchObject({ written: 1, seconds: 0 });
  });

  it('needs a finished plan', async () => {
    const state = newState();
    await expect(publish(state, new MemoryStore())).rejects.toMatchObject({ code: 'ERR_STATE_NOT_READY' });
    expect(() => readCertainUsers(state)).toThrow(MigrationError);
  });
});
