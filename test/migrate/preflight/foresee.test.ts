import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { foreseeRefusals } from '../../../src/migrate/preflight/foresee.js';
import { reachPools } from '../../../src/migrate/preflight/reach.js';
import { Run } from '../../../src/migrate/run.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure, LEGACY_SUB } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const CLOSED = { clientId: 'web', clientName: 'web', writeAttributes: ['email'], readAttributes: [] };
const OPEN = { clientId: 'old', clientName: '', writeAttributes: undefined, readAttributes: [] };

async function foreseen(options: FakeDirectoryOptions, more: { trust?: boolean; allow?: boolean } = {}) {
  const clock = new AutoClock();
  const newPool = new FakeDirectory('new_1', { clients: [CLOSED], clock, ...options });
  const warnings: string[] = [];
  const controller = new AbortController();
  const run = new Run({
    ...{ state: state(), clock, signal: controller.signal },
    onProgress: (event) => void (event.type === 'warning' && warnings.push(event.message)),
  });
  const reached = await reachPools([newPool], run);
  const begun = clock.monotonic();
  const refusals = await foreseeRefusals(run, {
    ...{ newPool, attribute: 'custom:legacy_sub', reached },
    ...{ trustAttribute: more.trust ?? false, allowWritableAttribute: more.allow ?? false },
  });
  const messages = refusals.map(({ message }) => message);
  return { messages, refusals, warnings, newPool, seconds: (clock.monotonic() - begun) / 1000 };
}

describe('what apply would refuse', () => {
  it('is nothing where the attribute is there and nobody else can write it', async () => {
    expect(await foreseen({})).toMatchObject({ messages: [], warnings: [] });
  });

  it.each<[string, FakeDirectoryOptions, RegExp]>([
    ['a missing attribute', { schema: [] }, /has no attribute custom:legacy_sub/],
    ['another type', { schema: [{ ...LEGACY_SUB, type: 'Number' }] }, /is a Number, not a String/],
    ['an immutable attribute', { schema: [{ ...LEGACY_SUB, mutable: false }] }, /is immutable/],
    ['too little room for a sub', { schema: [{ ...LEGACY_SUB, maxLength: 35 }] }, /takes 35 characters/],
    ['an app client that can write it', { clients: [OPEN, CLOSED] }, /can be written by app client old/],
    [
      'an identity provider that fills it',
      { providers: [{ name: 'Okta', mappedAttributes: ['custom:legacy_sub'] }] },
      /can be written by identity provider Okta/,
    ],
  ])('is %s, with the fix, as a warning', async (_, options, message) => {
    const { refusals, warnings } = await foreseen(options);
    expect(refusals).toEqual([{ message: expect.stringMatching(message), fix: expect.stringMatching(/\S/) }]);
    expect(warnings).toEqual([`apply would refuse this: ${refusals[0]?.message}.\n${refusals[0]?.fix}`]);
  });

  it('is all of it at once', async () => {
    expect((await foreseen({ schema: [], clients: [OPEN] })).messages).toHaveLength(2);
  });

  it.each([{ trust: true }, { allow: true }])('asks for no app client where that is settled: %o', async (more) => {
    const { messages, newPool } = await foreseen({ clients: [OPEN] }, more);
    expect(messages).toEqual([]);
    expect([...newPool.calls.keys()]).toEqual(['DescribeUserPool']);
  });
});

describe('what cannot be checked', () => {
  it.each([
    ['denied', failure('credentials')],
    ['not supported', failure('refused', 'ListUsers', 'UnknownOperationException')],
    ['failing', failure('unavailable')],
    ['not what the API promises', failure('answer')],
  ])('because calls are %s is told once, and does not hold up the plan', async (_, error) => {
    let isReached = false;
    const { messages, warnings, newPool, seconds } = await foreseen({
      before: (operation) => {
        if (operation === 'ListUsers') isReached = true;
        else if (operation !== 'DescribeUserPool') throw error;
        else if (!isReached) throw failure('credentials', operation);
      },
    });
    expect(messages).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Not checked for pool new_1: whether the pool has custom:legacy_sub .*, whether app clients can write .*, whether identity providers can write .*\. apply checks it/,
      ),
    ]);
    expect(newPool.calls.get('ListUserPoolClients')).toBe(1);
    expect(seconds).toBeLessThan(2);
  });

  it('because nothing is ever answered is told after one call that hangs', async () => {
    const silent = vi.spyOn(FakeDirectory.prototype, 'listClientIds').mockReturnValue(new Promise(() => {}));
    onTestFinished(() => silent.mockRestore());
    const { warnings, newPool, seconds } = await foreseen({});
    expect(warnings).toEqual([expect.stringMatching(/app clients can write .* \(no answer\), .* \(no answer\)\./)]);
    expect(newPool.calls.has('ListIdentityProviders')).toBe(false);
    expect(seconds).toBeLessThan(4);
  });

  it('because there is more than one page is told', async () => {
    const { newPool, warnings } = await foreseen({});
    expect(warnings).toEqual([]);
    const list = newPool.listClientIds.bind(newPool);
    newPool.listClientIds = async () => ({ ...(await list()), nextToken: 'more' as never });
    const run = new Run({
      ...{ state: state(), clock: new AutoClock() },
      onProgress: (event) => void (event.type === 'warning' && warnings.push(event.message)),
    });
    const how = { newPool, attribute: 'custom:legacy_sub', reached: await reachPools([newPool], run) };
    await foreseeRefusals(run, { ...how, trustAttribute: false });
    expect(warnings).toEqual([expect.stringContaining('more than 1 app clients')]);
  });
});
