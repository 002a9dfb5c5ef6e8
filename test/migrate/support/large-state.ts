import { settleClaims } from '../../../src/migrate/matching/duplicates.js';
import { listByOutcome, prepareLegacyUsers, prepareNewUsers } from '../../../src/migrate/matching/match-indexes.js';
import { checkPolicy } from '../../../src/migrate/matching/policy.js';
import { OUTCOMES, type Outcome } from '../../../src/migrate/outcomes.js';
import { GROUP_TABLES, LEGACY_TABLES, PLAN_TABLES } from '../../../src/migrate/state/schema.js';
import { openState } from '../../../src/migrate/state/state.js';

export interface LargeState {
  readonly path: string;
  readonly users: number;
  /** Of a thousand users, one after the other; the others are `set`. */
  readonly perMille?: Partial<Record<Outcome, number>>;
  /** The share of the users to be written who are written, from the first on. @defaultValue 0 */
  readonly written?: number;
}

const SHARES = { unverified: 20, conflict: 5, ambiguous: 3, contradiction: 2, 'new-born': 20, ok: 50 } as const;

/**
 * Makes the state that a plan of many users leaves, and an apply that is half way, without listing any pool: a million users take
 * seconds. Subs and usernames are scattered, as Cognito's are.
 */
export function makeLargeState({ path, users, perMille = SHARES, written = 0 }: LargeState): void {
  const state = openState({ path, access: 'plan' });
  const { db, meta } = state;
  const at = Date.parse('2026-03-02T08:00:00Z');
  const policy = checkPolicy({ match: ['username', 'email'] });
  let from = 0;
  const cases = Object.entries(perMille).map(([outcome, share]) => {
    from += share;
    return `WHEN id % 1000 < ${from} THEN '${outcome}'`;
  });
  const outcome = `CASE ${cases.join(' ')} ELSE 'set' END`;
  /** Scattered and unique: a Feistel network is not needed, since multiplication by an odd number is one to one. */
  const uuid = (salt: number) =>
    `printf('%08x-%04x-4%03x-8%03x-%012x', (id * 2654435761 + ${salt}) & 4294967295, id & 65535, id & 4095, ${salt}, id)`;
  db.exec('PRAGMA synchronous = OFF');
  db.transaction(() => {
    for (const table of ['legacy_users', 'legacy_proofs', 'new_users', 'new_proofs', 'decisions', 'pool_groups']) {
      db.exec(`DROP TABLE IF EXISTS ${table}`);
    }
    db.exec(`DROP TABLE IF EXISTS group_members; DROP TABLE IF EXISTS planned_groups; DROP TABLE IF EXISTS memberships;
      ${LEGACY_TABLES} ${PLAN_TABLES} ${GROUP_TABLES}
      INSERT INTO pools (id, side, user_pool_id) VALUES (1, 'legacy', 'eu-west-1_Legacy'), (2, 'new', 'eu-west-1_New');
      INSERT INTO listings (purpose, pool, mode, users) VALUES ('plan', 1, 'done', ${users}), ('plan', 2, 'done', ${users});
      CREATE TEMP TABLE ids AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${users}) SELECT id FROM n;
      INSERT INTO legacy_users (id, pool, sub, name, email, verified)
        SELECT id, 1, ${uuid(1)}, ${uuid(2)}, ${uuid(3)}, 1 FROM ids;
      INSERT INTO new_users (id, sub, username, email, verified, value, folded, is_uuid)
        SELECT id, ${uuid(4)}, ${uuid(2)}, ${uuid(3)}, 1, CASE ${outcome} WHEN 'ok' THEN ${uuid(1)} END,
          CASE ${outcome} WHEN 'ok' THEN ${uuid(1)} END, ${outcome} = 'ok' FROM ids;
      INSERT INTO decisions (user, outcome, rule, value, detail)
        SELECT id, ${outcome}, CASE ${outcome} WHEN 'new-born' THEN '' ELSE 'email+username' END,
          CASE WHEN ${outcome} IN ('set', 'ok', 'conflict') THEN ${uuid(1)} END,
          CASE WHEN ${outcome} IN ('set', 'ok', 'new-born') THEN '' ELSE 'e-mail is unverified in the legacy pool' END FROM ids;
      DROP TABLE ids`);
  });
  prepareLegacyUsers(db, policy);
  prepareNewUsers(db);
  settleClaims(db, false);
  listByOutcome(db);
  const counts = new Map(
    db.all<readonly [Outcome, number]>('SELECT outcome, count(*) FROM decisions GROUP BY outcome'),
  );
  const outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, counts.get(name) ?? 0])) as Record<Outcome, number>;
  db.exec(`INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at, ended_at)
    SELECT 1, 'attribute', n.username, n.sub, 'custom:legacy_sub', d.value, '', CASE n.id % 1000 WHEN 999 THEN 'failed' ELSE 'written' END,
      ${at} + n.id * 100, ${at} + n.id * 100 + 50
    FROM decisions d JOIN new_users n ON n.id = d.user WHERE d.outcome = 'set' AND n.id <= ${Math.floor(users * written)}`);
  db.transaction(() => {
    meta.set('plan', 1);
    meta.set('listedByOutcome', 1);
    meta.set('attribute', 'custom:legacy_sub');
    meta.set('listedFor', JSON.stringify({ rules: policy.rules }));
    meta.set('result', { legacyUsers: users, newUsers: users, outcomes, notMigrated: 0, writes: outcomes.set });
    meta.set('begunAt', at);
    meta.set('plannedAt', at);
    meta.set('phase', written === 0 ? 'planned' : 'applying');
  });
  state.close();
}
