import { describe, expect, it } from 'vitest';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows, readStatus } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure } from '../support/fake-directory.js';
import { client, planned, user } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

const STAFF = 'attribute:custom:staff' as const;
const closed: FakeDirectoryOptions = { clients: [client(['email'])] };

/** Two users with one staff number. */
function plan(legacy: FakeDirectoryOptions, fresh: FakeDirectoryOptions, options: Partial<PlanOptions> = {}) {
  const attributes = { 'custom:staff': '7', preferred_username: 'ann' };
  const opened = state();
  const legacyPool = new FakeDirectory('old_1', { users: [user('old', { attributes })], ...closed, ...legacy });
  const newPool = new FakeDirectory('new_1', { users: [user('new', { attributes })], ...closed, ...fresh });
  const run = runPlan({
    state: opened,
    legacyPools: [legacyPool],
    newPool,
    match: [STAFF],
    clock: new AutoClock(),
    ...options,
  });
  return { run, opened, legacyPool, newPool };
}

describe('matching by an attribute', () => {
  it('is allowed where only administrators can write it', async () => {
    const { run } = plan({}, {});
    expect((await run).outcomes).toMatchObject({ set: 1 });
  });

  it.each<[string, FakeDirectoryOptions, RegExp]>([
    ['an app client without a list', { clients: [client(undefined)] }, /app client web \(c1\)/],
    ['an app client with an empty list', { clients: [client([])] }, /app client web \(c1\)/],
    ['an app client that lists it', { clients: [client(['custom:staff'])] }, /app client web \(c1\)/],
    ['an identity provider', { providers: [{ name: 'Okta', mappedAttributes: ['custom:staff'] }] }, /provider Okta/],
  ])('is refused where %s can write it, in either pool', async (_, pool, writers) => {
    for (const [name, legacy, fresh] of [
      ['old_1', pool, {}],
      ['new_1', {}, pool],
    ] as const) {
      const { run, legacyPool } = plan(legacy, fresh);
      const error: unknown = await run.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'ERR_ATTRIBUTE',
        message: expect.stringMatching(writers),
        fix: expect.stringContaining('--allow-writable-match'),
      });
      expect(error).toMatchObject({
        message: expect.stringContaining(`--match ${STAFF} is refused: custom:staff of pool ${name} can be written by`),
      });
      expect(legacyPool.calls.has('ListUsers')).toBe(false);
    }
  });

  it('is refused for a standard attribute that the list of a client names', async () => {
    const pool = { clients: [client(['preferred_username'])] };
    const { run } = plan({}, pool, { match: ['attribute:preferred_username'] });
    await expect(run).rejects.toMatchObject({ code: 'ERR_ATTRIBUTE' });
  });

  it('is refused where somebody could write it while the pools were listed', async () => {
    const { run, newPool } = plan(
      {},
      {
        before: (operation) => {
          if (operation === 'ListUsers') newPool.options = { ...newPool.options, clients: [client(undefined)] };
        },
      },
    );
    await expect(run).rejects.toMatchObject({ code: 'ERR_ATTRIBUTE' });
  });

  it('continues where it was meant, and says so', async () => {
    const { run, opened } = plan({ clients: [client(undefined)] }, {}, { allowWritableMatch: true });
    expect((await run).outcomes).toMatchObject({ set: 1 });
    expect(readStatus(opened).warnings).toEqual([
      'Matching by attribute: custom:staff of pool old_1 can be written by app client web (c1); users who choose the value choose who they are.',
    ]);
  });

  it.each(['ListUserPoolClients', 'DescribeUserPoolClient', 'ListIdentityProviders', 'DescribeIdentityProvider'])(
    'is refused where %s may not be called, unless it was meant',
    async (operation) => {
      const providers = [{ name: 'Okta', mappedAttributes: [] }];
      for (const [kind, code] of [
        ['credentials', 'ERR_CREDENTIALS'],
        ['unavailable', 'ERR_UNAVAILABLE'],
        ['refused', 'ERR_UNAVAILABLE'],
      ] as const) {
        const before = (called: string) => {
          if (called === operation) throw failure(kind, operation);
        };
        const { run } = plan({ providers, before }, {});
        await expect(run).rejects.toMatchObject({ code, fix: expect.any(String) });
        const meant = plan({ providers, before }, {}, { allowWritableMatch: true });
        expect((await meant.run).outcomes).toMatchObject({ set: 1 });
        expect(readStatus(meant.opened).warnings).toEqual([
          expect.stringContaining('cannot read who can write custom:staff of pool old_1'),
        ]);
      }
    },
  );

  it('stops when it is told to while it asks', async () => {
    const controller = new AbortController();
    const before = (operation: string) => {
      if (operation !== 'ListUserPoolClients') return;
      controller.abort();
      throw failure('unavailable', operation);
    };
    const { run } = plan({ before }, {}, { allowWritableMatch: true, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('asks for nothing where no rule compares attributes', async () => {
    const { newPool, opened } = await planned([user('ann', { email: 'victim@x.org' })]);
    // Once, for what apply would refuse.
    expect(newPool.calls.get('ListUserPoolClients')).toBe(1);
    expect([...readReportRows(opened)][0]?.outcome).toBe('set');
  });
});
