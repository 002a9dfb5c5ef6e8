import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snapshotEnd, snapshotLine } from '../../../../src/legacy-id/mapping-snapshot.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, type PoolOptions } from '../../../support/cognito-simulator/index.js';
import { everyOutcome, type Migration, startMigration, sub } from '../../migration.js';

const many = (users: number) => migrationPair({ users });

/** Pools in which nobody can sign themselves up. */
function closed([legacy, fresh]: [PoolOptions, PoolOptions]): [PoolOptions, PoolOptions] {
  const settings = { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
  return [
    { ...legacy, settings },
    { ...fresh, settings },
  ];
}

const target = (migration: Migration) => join(migration.dir, 'mapping.ndjson');
const published = (migration: Migration) =>
  existsSync(target(migration)) ? readFileSync(target(migration), 'utf8').trim().split('\n').length - 1 : 0;
const night = (migration: Migration, ...args: string[]) =>
  migration.json('sync', ['--yes', '--to', target(migration), ...args]);

describe('sync', () => {
  it('does a whole night: plans, writes, verifies and publishes', async () => {
    await using migration = await startMigration(many(8));
    const { ending, document } = await night(migration);
    expect(document).toMatchObject({
      plan: { newUsers: 8, writes: 8 },
      guards: [
        { guard: 'writes', found: 8, limit: 1000, ok: true },
        { guard: 'forAPerson', found: 0, limit: null, ok: true },
        { guard: 'removals', found: 0, limit: 10, ok: true },
      ],
      apply: { written: 8, remaining: 0 },
      verify: { checked: 8, right: 8, wrong: 0, missing: 0, duplicates: 0 },
      publish: { to: target(migration), users: 8, written: 8, wrong: 0 },
    });
    expect(ending).toBe('done');
    expect(Object.keys(migration.values())).toHaveLength(8);
    expect(published(migration)).toBe(8);
  });

  it('writes what is certain although others need a person, and says that they do', async () => {
    await using migration = await startMigration();
    const { ending, document } = await night(migration);
    expect(ending).toBe('attention');
    expect(document).toMatchObject({ apply: { written: 1, failed: 0 }, publish: { users: 2 } });
    expect(migration.values()).toMatchObject({ ann: sub(1), cat: sub(77) });
  });

  it('takes users who are known to need a person for no reason to alert', async () => {
    await using migration = await startMigration([
      { ...everyOutcome()[0], users: everyOutcome()[0].users?.slice(0, 5) ?? [] },
      { ...everyOutcome()[1], users: everyOutcome()[1].users?.slice(0, 4) ?? [] },
    ]);
    const { document } = await night(migration);
    const { outcomes } = (document as { plan: { outcomes: Record<string, number> } }).plan;
    expect(outcomes).toMatchObject({ conflict: 1, ambiguous: 1 });
    expect((await night(migration, '--most-for-a-person', '2')).ending).toBe('done');
    const { ending, document: held } = await night(migration, '--most-for-a-person', '1');
    expect(ending).toBe('attention');
    expect(held).toMatchObject({ guards: [{}, { guard: 'forAPerson', found: 2, limit: 1, ok: false }, {}] });
  });

  it('does nothing with an unusual plan, and tells every guard', async () => {
    await using migration = await startMigration();
    const others = Array.from({ length: 11 }, (_, n) => snapshotLine(`other-${n}`, `legacy-${n}`));
    writeFileSync(target(migration), [...others, snapshotEnd(11)].join(''));
    const before = migration.values();
    const { ending, document } = await night(migration, '--most-writes', '0', '--most-for-a-person', '3');
    expect(ending).toBe('attention');
    expect(document).toMatchObject({
      guards: [
        { guard: 'writes', found: 1, limit: 0, ok: false },
        { guard: 'forAPerson', limit: 3, ok: false },
        { guard: 'removals', found: 11, limit: 10, ok: false },
      ],
      apply: null,
      verify: null,
      publish: null,
    });
    expect(migration.values()).toEqual(before);
    expect(published(migration)).toBe(11);

    const { stdout } = await migration.command('sync', ['--yes', '--to', target(migration), '--most-writes', '0']);
    expect(stdout).toContain('Nothing was written or published: this plan is unusual');
    expect(stdout).toContain('Writes: 1, at most 0 allowed. If that is expected: --most-writes 1');
    expect(stdout).toContain('If that is expected: --allow-removals 11');
  });

  it('does not take a plan that did not hold for the measure of the next night', async () => {
    await using migration = await startMigration(many(200));
    await night(migration);
    // Values that no legacy user backs, of half the users.
    const spoiled = [...migration.simulator.pool(NEW_POOL).users.all()].slice(0, 101);
    for (const [n, user] of spoiled.entries()) user.attributes['custom:legacy_sub'] = sub(5000 + n);
    const held = { guard: 'forAPerson', found: 101, limit: 100, ok: false };
    for (const _ of ['first', 'second', 'third']) {
      const { ending, document } = await night(migration);
      expect(ending).toBe('attention');
      expect(document).toMatchObject({ guards: [{}, held, {}], apply: null, publish: null });
    }
    const { document: known } = await night(migration, '--most-for-a-person', '101', '--allow-removals', '200');
    expect(known).toMatchObject({ verify: expect.anything() });
    expect(await night(migration)).toMatchObject({ document: { guards: [{}, { limit: 201, ok: true }, {}] } });
  });

  it('tells the hook that it is sync which runs', async () => {
    await using migration = await startMigration(many(3));
    const heard = join(migration.dir, 'heard');
    await night(migration, '--hook', `echo $CUTOVER_COMMAND $CUTOVER_EVENT >> ${heard}`);
    expect(readFileSync(heard, 'utf8').split('\n')).toEqual(['sync start', 'sync done', '']);
  });

  it('of a night without changes asks for one listing of each pool, and writes nothing', async () => {
    await using migration = await startMigration(closed(many(300)));
    await night(migration);
    const { stats } = migration.simulator;
    const listed = () => stats.operations['ListUsers']?.attempts ?? 0;
    stats.reset();
    const { ending, document } = await night(migration);
    expect(ending).toBe('done');
    expect(document).toMatchObject({ apply: null, verify: { checked: 300, right: 300 }, publish: { users: 300 } });
    expect(stats.operations['AdminUpdateUserAttributes']).toBeUndefined();
    const both = listed();
    stats.reset();
    expect(await night(migration, '--reuse-legacy-listing')).toMatchObject({
      ending: 'done',
      document: { plan: { legacyUsers: 300 }, verify: { right: 300 } },
    });
    expect(listed()).toBe(both / 2);
  });

  it('reads those again whom it wrote, and not the whole pool', async () => {
    const [legacy, fresh] = closed(many(300));
    await using migration = await startMigration([legacy, fresh]);
    await night(migration);
    const [user] = migration.simulator.pool(NEW_POOL).users.all();
    if (user !== undefined) delete user.attributes['custom:legacy_sub'];
    const { stats } = migration.simulator;
    stats.reset();
    const { document } = await night(migration);
    expect(document).toMatchObject({ apply: { written: 1 }, verify: { checked: 300, right: 300 } });
    const listing = stats.operations['ListUsers']?.attempts ?? 0;
    stats.reset();
    await migration.command('verify');
    const whole = stats.operations['ListUsers']?.attempts ?? 0;
    stats.reset();
    await migration.command('plan');
    const planned = stats.operations['ListUsers']?.attempts ?? 0;
    expect(listing - planned).toBeLessThan(whole);
    expect(listing - planned).toBeLessThanOrEqual(3);
  });

  it('finds a value that came to be wrong between writing and verifying', async () => {
    await using migration = await startMigration(many(8), {
      onRequest: ({ operation }, simulator) => {
        const all = [...simulator.pool(NEW_POOL).users.all()];
        if (operation !== 'ListUsers' || all.some(({ attributes }) => attributes['custom:legacy_sub'] === undefined))
          return;
        const [victim] = all;
        if (victim !== undefined) victim.attributes['custom:legacy_sub'] = sub(99);
      },
    });
    const { ending, document } = await night(migration);
    expect(ending).toBe('attention');
    expect(document).toMatchObject({ verify: { wrong: expect.any(Number) } });
    expect((document as { verify: { wrong: number } }).verify.wrong).toBeGreaterThan(0);
  });

  it('keeps what is published when the settings of a pool can no longer be read', async () => {
    const [legacy, fresh] = closed(many(30));
    await using migration = await startMigration([legacy, fresh]);
    const options = ['--match', 'username'];
    await night(migration, ...options);
    expect(published(migration)).toBe(30);
    const denied = { kind: 'error', type: 'AccessDeniedException', operations: ['DescribeUserPool'] } as const;
    migration.simulator.faults.set([denied]);
    await night(migration, ...options);
    expect(published(migration)).toBe(30);
  });

  it('says where it stopped, and what was done before', async () => {
    await using migration = await startMigration(many(8));
    migration.simulator.faults.set([
      { kind: 'error', type: 'AccessDeniedException', operations: ['AdminUpdateUserAttributes'] },
    ]);
    const { ending, document } = await night(migration);
    expect(ending).toBe('unavailable');
    expect(document).toMatchObject({
      plan: { writes: 8 },
      step: 'apply',
      partial: { written: 0, remaining: 8 },
      publish: null,
      error: { code: 'ERR_CREDENTIALS' },
    });
    migration.simulator.faults.set([]);
    expect(await night(migration)).toMatchObject({ ending: 'done', document: { apply: { written: 8 } } });
  });

  it('asks before it writes, and does nothing where the answer is no', async () => {
    await using migration = await startMigration(many(8));
    const { stderr } = await migration.command('sync', ['--to', target(migration)], { answer: 'n' });
    expect(stderr).toContain('Write 8 users? [y/N]');
    expect([migration.values(), published(migration)]).toEqual([{}, 0]);
    const { ending, stderr: refused } = await migration.command('sync');
    expect(ending).toBe('usage');
    expect(refused).toContain('--yes: is required where nobody can be asked');
  });

  it('needs both pools, like a plan', async () => {
    await using migration = await startMigration(many(1));
    expect(LEGACY_POOL).not.toBe(NEW_POOL);
    const { ending, stderr } = await migration.command('sync', ['--yes', '--to', 'nowhere']);
    expect(ending).toBe('usage');
    expect(stderr).toContain('--to: expected dynamodb://');
  });
});
