import { compare, observedSink } from './attributes/compare.js';
import { Pace } from './calls/pace.js';
import { checkReadRps } from './calls/quotas.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import { verifyGroups } from './groups/verify.js';
import { listPool, reportListed } from './listing/list-pool.js';
import type { VerifyOptions } from './options.js';
import { countPlan } from './plan-phases.js';
import type { VerifyResult } from './results.js';
import { inRun, type Run } from './run.js';
import { checkPools } from './state/pools.js';
import { VERIFY_TABLES } from './state/schema.js';

/**
 * Reads the new pool again, always from the beginning, and compares each user's value with the plan. Needs
 * `cognito-idp:ListUsers` on the new pool; with groups `ListGroups` and `ListUsersInGroup`, too.
 * @throws {@link MigrationError}
 */
export async function runVerify(options: VerifyOptions): Promise<VerifyResult> {
  return inRun(options, (run) => verify(run, options));
}

async function verify(
  { state, db, meta, clock, signal, patience, warn, report }: Run,
  options: VerifyOptions,
): Promise<VerifyResult> {
  const { newPool, readRps } = options;
  const pace = new Pace(checkReadRps(readRps), clock);
  checkPools(state, newPool);
  const { newUsers } = countPlan(state);
  const newGroups = groupsIf(plansGroups(state), state, options.newGroups);
  const pool = db.count("SELECT id FROM pools WHERE side = 'new'");
  db.transaction(() => {
    db.exec(VERIFY_TABLES);
    db.run("DELETE FROM listings WHERE purpose = 'verify'");
    meta.delete('verified');
  });
  const where = { state, purpose: 'verify', pool, side: 'new', directory: newPool } as const;
  const sink = observedSink(db, meta.get('attribute') ?? '');
  await listPool({ ...where, sink, estimatedUsers: newUsers, pace, clock, signal, patience, warn, onProgress: report });
  db.exec(`CREATE INDEX observed_username ON observed (username);
    DELETE FROM observed WHERE id IN (
      SELECT old.id FROM observed old JOIN (
        SELECT username, max(id) AS last FROM observed GROUP BY username HAVING count(*) > 1
      ) twice ON old.username = twice.username AND old.id <> twice.last);
    CREATE INDEX observed_folded ON observed (folded) WHERE folded IS NOT NULL`);
  reportListed({ ...where, onProgress: report }, db.count('SELECT count(*) FROM observed'));
  const groups =
    newGroups && (await verifyGroups(newGroups, { db, pace, clock, signal, patience, onProgress: report }));
  const result = { ...compare(db), ...(groups === undefined ? {} : { groups }) };
  meta.set('verified', { at: clock.now(), result });
  const newcomers = db.count(`SELECT count(*) FROM observed o WHERE value IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM new_users n WHERE n.username = o.username AND n.sub IS o.sub)`);
  if (newcomers > 0) {
    warn(`${newcomers} users who carry a value appeared after the plan and could not be compared: plan again.`);
  }
  return result;
}
