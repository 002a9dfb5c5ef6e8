import { describe, expect, it } from 'vitest';
import { runApply } from '../../../src/migrate/apply.js';
import { matchRows } from '../../../src/migrate/matching/candidates.js';
import { checkPolicy } from '../../../src/migrate/matching/policy.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readCertainUsers } from '../../../src/migrate/publish/publish.js';
import { readReportRows } from '../../../src/migrate/report.js';
import { runRollback } from '../../../src/migrate/rollback.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { LEGACY_TABLES, PLAN_TABLES, SCHEMA } from '../../../src/migrate/state/schema.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import type { State } from '../../../src/migrate/state/state.js';
import { runVerify } from '../../../src/migrate/verify.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { BEN, closed, NAME, user, VICTIM } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

/** The victim has moved, and this state wrote their legacy id. */
async function written() {
  const opened = state();
  const clock = new AutoClock();
  const legacy = new FakeDirectory('old_1', {
    users: [user('victim', { sub: VICTIM, email: 'victim@x.org' }), user('ben', { sub: BEN, email: 'ben@x.org' })],
  });
  const newPool = new FakeDirectory('new_1', { users: [user('vic', { email: 'victim@x.org' })], ...closed });
  const run = { state: opened, newPool, clock };
  const plan = async (options: Partial<PlanOptions> = {}) => {
    const result = await runPlan({ ...run, legacyPools: [legacy], ...options });
    const rows = [...readReportRows(opened)];
    return {
      result,
      became: Object.fromEntries(rows.map((row) => [row.newUsername, `${row.outcome} ${row.rule}`.trim()])),
      details: Object.fromEntries(rows.map(({ newUsername, detail }) => [newUsername, detail])),
    };
  };
  await plan();
  await runApply(run);
  const vic = newPool.users.get('vic')!;
  const operations = (set: string) => opened.db.exec(`UPDATE operations SET ${set}`);
  return { opened, run, legacy, newPool, vic, plan, operations };
}

const published = (opened: State) => [...readCertainUsers(opened)];

describe('a value that this state wrote', () => {
  it('stays right, published and verified when the person changes their e-mail', async () => {
    const { opened, vic, plan, run } = await written();
    vic.attributes['email'] = 'ben@x.org';
    const { became, details, result } = await plan();
    expect(became).toEqual({ vic: 'ok written' });
    expect(details).toEqual({ vic: 'this state wrote the value; email finds b2000000-0000-4000-8000-00000000abcd' });
    expect(result).toMatchObject({ writes: 0, notMigrated: 1 });
    expect(published(opened)).toEqual([{ newSub: 'vic-sub', legacyId: VICTIM }]);
    expect(await runVerify(run)).toMatchObject({ checked: 1, right: 1 });
    expect(await runRollback(run)).toMatchObject({ removed: 1 });
  });

  it('stays right when the legacy account is deleted', async () => {
    const { opened, legacy, plan } = await written();
    legacy.users.delete('victim');
    const { became, details } = await plan();
    expect(became).toEqual({ vic: 'ok written' });
    expect(details).toEqual({ vic: 'this state wrote the value; no legacy user has this sub any more' });
    expect(published(opened)).toHaveLength(1);
  });

  it('stays with its holder when a stranger comes to match the legacy user', async () => {
    const { opened, vic, newPool, plan } = await written();
    vic.attributes['email'] = 'new@x.org';
    newPool.users.set('stranger', user('stranger', { email: 'victim@x.org' }));
    const { became, details } = await plan();
    expect(became).toEqual({ stranger: 'duplicate email', vic: 'ok written' });
    expect(details['stranger']).toBe('the value is already held by vic-sub');
    expect(published(opened)).toEqual([{ newSub: 'vic-sub', legacyId: VICTIM }]);
  });

  it('is right in another case, as verifiers read it', async () => {
    const { vic, plan } = await written();
    vic.attributes = { [NAME]: VICTIM.toUpperCase() };
    expect((await plan()).became).toEqual({ vic: 'ok written' });
  });

  it('gives way to a row of the mapping file', async () => {
    const { plan } = await written();
    const { became } = await plan({ mapping: [{ newUsername: 'vic', legacySub: BEN, line: 2 }] });
    expect(became).toEqual({ vic: 'conflict mapping' });
  });

  it.each<[string, (world: Awaited<ReturnType<typeof written>>) => unknown]>([
    ['was written to somebody who had the username before', ({ vic }) => Object.assign(vic, { sub: 'other-sub' })],
    [
      'was written to a user without a sub',
      ({ vic, operations }) => [Object.assign(vic, { sub: undefined }), operations("sub = ''")],
    ],
    ['is no longer the value', ({ vic }) => Object.assign(vic.attributes, { [NAME]: BEN })],
    ['was taken back', ({ operations }) => operations("status = 'rolled-back'")],
    ['was about to be taken back', ({ operations }) => operations('undo_begun_at = 1')],
    ['was refused', ({ operations }) => operations("status = 'failed'")],
    ['was written to another attribute', ({ operations }) => operations("target = 'custom:other'")],
    ['was no attribute', ({ operations }) => operations("kind = 'member'")],
    ['was replaced by a later write of this state', ({ opened }) => opened.db.exec(LATER_WRITE)],
  ])('is not evidence where it %s', async (_, change) => {
    const world = await written();
    world.vic.attributes = { [NAME]: VICTIM };
    change(world);
    expect((await world.plan()).became).toEqual({ vic: 'unexplained' });
  });

  it('counts where it was begun and arrived, and a later one that never arrived does not hide it', async () => {
    const { opened, vic, plan, operations } = await written();
    vic.attributes = { [NAME]: VICTIM };
    operations("status = 'begun'");
    expect((await plan()).became).toEqual({ vic: 'ok written' });
    opened.db.exec(LATER_WRITE.replace("'written'", "'begun'"));
    expect((await plan()).became).toEqual({ vic: 'ok written' });
  });

  it('is found by an index, however long the journal is', () => {
    const db = new Sqlite(':memory:');
    db.exec(`${SCHEMA} ${LEGACY_TABLES} ${PLAN_TABLES}`);
    const asked: string[] = [];
    const get = (sql: string) => void asked.push(sql);
    matchRows({ get } as unknown as Sqlite, checkPolicy({})).next();
    const steps = db.all<readonly [number, number, number, string]>(`EXPLAIN QUERY PLAN ${asked[0]}`, NAME, 0, 1);
    expect(steps.map(([, , , step]) => step)).toContain(
      'SEARCH o USING INDEX operations_username (kind=? AND username=?)',
    );
  });
});

it('a trusted value is backed by an unverified address of the legacy user whose sub it is', async () => {
  const opened = state();
  const attributes = { email: 'ann@x.org', email_verified: 'false' };
  const fresh = { username: 'new', sub: 'new-sub', attributes: { ...attributes, [NAME]: VICTIM } };
  await runPlan({
    state: opened,
    legacyPools: [new FakeDirectory('old_1', { users: [{ username: 'ann', sub: VICTIM, attributes }] })],
    newPool: new FakeDirectory('new_1', { users: [fresh], ...closed }),
    clock: new AutoClock(),
    trustAttribute: true,
  });
  expect([...readReportRows(opened)]).toMatchObject([{ outcome: 'ok', rule: 'attribute' }]);
});

const LATER_WRITE = `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
  SELECT plan + 5, kind, username, sub, target, '${BEN}', value, 'written', 2 FROM operations LIMIT 1`;
