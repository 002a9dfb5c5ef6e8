import type { Outcome } from '../outcomes.js';
import { inDoubt } from '../state/journal.js';
import { keysetPortions, type Sqlite, type SqlValue } from '../state/sqlite.js';
import type { Finding, MatchInput } from './decide.js';
import type { HeldValue } from './held-value.js';
import type { LegacyPool } from './legacy-pool.js';
import type { MatchRule, Policy } from './policy.js';
import { EMAIL_CLAIMED, EMAIL_VERIFIED, PHONE_CLAIMED, PHONE_VERIFIED } from './verification.js';

/** The maximum findings read per rule. Two already make a user ambiguous; the others are for the report. */
export const MOST_FINDINGS = 4;

export interface MatchRow extends MatchInput {
  readonly id: number;
}

/**
 * A finding as SQLite returns it: sub, pool, and strength; for usernames, whether the verified e-mails differ; for contacts, the
 * identity providers that are their only source.
 */
type RawFinding = readonly [
  sub: string | null,
  pool: number,
  strength: number,
  emailsDifferOrLegacyProvider?: number | string | null,
  newProvider?: string | null,
];
/** A held value as SQLite returns it. */
type RawHeld = readonly [
  value: string,
  id: string,
  provider: string | null,
  unconfirmed: number,
  shared: number,
  written: number | null,
  owner: readonly [users: number, byUsername: number | null, byEmail: number | null, byPhone: number | null],
];
type RawRow = readonly [
  id: number,
  sub: string | null,
  held: RawHeld | null,
  mapped: string | null,
  ...findings: readonly (readonly RawFinding[])[],
];

const IS_HELD = '(o.value = n.value OR (n.is_uuid AND lower(o.value) = n.folded))';

/**
 * Whether the held value is the last one that this state wrote to this user. A write without an answer counts if the value arrived; a
 * write that a rollback undid, or began to undo, does not. The plus keeps SQLite from using an index that matches half of the journal.
 */
const WRITTEN = `(SELECT ${IS_HELD} FROM operations o WHERE o.kind = 'attribute' AND o.username = n.username AND o.sub = n.sub
  AND o.target = ? AND o.undo_begun_at IS NULL AND (+o.status = 'written' OR (${IS_HELD} AND ${inDoubt('o')}))
  ORDER BY o.id DESC LIMIT 1)`;

/** What the attribute holds, who else holds it, and whose `sub` it is; `null` if it is empty. */
const HELD = `CASE WHEN n.value IS NOT NULL THEN json_array(n.value, n.value_id, n.value_provider, n.unconfirmed,
  EXISTS (SELECT 1 FROM new_users h WHERE h.folded = n.folded AND h.id <> n.id),
  ${WRITTEN},
  json((SELECT json_array(count(*), max(l.name = coalesce(n.name, n.username)), max(l.email = n.email),
    max(l.phone = n.phone)) FROM legacy_users l WHERE l.sub = n.value_id))) END`;

/** Users of the new pool with one of these outcomes. */
export const withOutcomes = (outcomes: readonly Outcome[]): string =>
  `(SELECT u.* FROM new_users u JOIN decisions d ON d.user = u.id WHERE d.outcome IN (${outcomes.map((one) => `'${one}'`).join(', ')}))`;

/** Users of the new pool with these usernames, as a parameter: a JSON array. */
export const WITH_USERNAMES = '(SELECT * FROM new_users WHERE username IN (SELECT value FROM json_each(?)))';

/** Which users are read: a table, or a selection of it with its parameters. */
interface Among {
  readonly portion?: number;
  readonly among?: string;
  readonly values?: readonly SqlValue[];
}

/**
 * Reads new-pool users in portions, each with what every rule finds in the legacy pools. A portion is read as one JSON text,
 * which is twice as fast as reading row by row.
 */
export function* matchRows(
  db: Sqlite,
  { rules: all, attribute }: Pick<Policy, 'rules' | 'attribute'>,
  prefer: readonly LegacyPool[] = [],
  { portion = 2000, among = 'new_users', values = [] }: Among = {},
): Generator<MatchRow[]> {
  const rules = all.filter((rule) => rule !== 'mapping');
  const columns = rules.map((rule) => `,\n json(${findingsOf(rule, preferredFirst(prefer))})`).join('');
  const sql = `SELECT json_group_array(json_array(n.id, n.sub, json(${HELD}),
    (SELECT m.legacy_sub FROM mapping m WHERE m.new_username = n.username)${columns}))
    FROM (SELECT * FROM ${among} WHERE id > ? ORDER BY id LIMIT ?) n`;
  const read = (after: number): RawRow[] =>
    JSON.parse(db.get<readonly [string]>(sql, attribute, ...values, after, portion)?.[0] ?? '[]');
  for (const rows of keysetPortions(read, ([id]) => id, 0)) yield rows.map((row) => toMatchRow(row, rules));
}

function toMatchRow([id, sub, held, mapped, ...lists]: RawRow, rules: readonly MatchRule[]): MatchRow {
  const findings = lists.flatMap((list, index) => list.map((raw) => toFinding(rules[index] ?? 'mapping', raw)));
  return { id, sub, held: held && toHeldValue(held), mapped, findings };
}

/** The rules that can find a user without proof. */
const CONTACT_RULES: readonly MatchRule[] = ['username', 'email', 'phone'];

function toHeldValue([value, id, provider, unconfirmed, shared, written, [users, ...contacts]]: RawHeld): HeldValue {
  return {
    value,
    id,
    isLegacySub: users > 0,
    backedBy: CONTACT_RULES.filter((_, index) => contacts[index] === 1),
    isShared: shared === 1,
    provider,
    isUnconfirmed: unconfirmed === 1,
    isWritten: written === 1,
  };
}

const UNVERIFIED_IN = ['both', 'legacy', 'new'] as const;

function toFinding(rule: MatchRule, [sub, pool, strength, more, newProvider]: RawFinding): Finding {
  const found = { rule, sub, pool };
  if (rule === 'username') {
    if (strength === 0) return { ...found, strength: 'username-case' };
    return { ...found, strength: 'username', emailsDiffer: more === 1 };
  }
  const unverifiedIn = UNVERIFIED_IN[strength];
  if (unverifiedIn === undefined) return { ...found, strength: 'proof' };
  const given = {
    ...(typeof more === 'string' ? { legacy: more } : {}),
    ...(typeof newProvider === 'string' ? { new: newProvider } : {}),
  };
  return { ...found, strength: 'unverified', unverifiedIn, given };
}

/** Sorts the preferred pools first, so that their findings are not cut from a long list. */
function preferredFirst(prefer: readonly LegacyPool[]): string | undefined {
  if (prefer.length === 0) return undefined;
  return `CASE pool ${prefer.map(({ id }, place) => `WHEN ${id} THEN ${place}`).join(' ')} ELSE ${prefer.length} END`;
}

function findingsOf(rule: MatchRule, preferred: string | undefined): string {
  const list = (fields: string, from: string, ...order: (string | undefined)[]) => {
    const terms = order.filter((term) => term !== undefined).join(', ');
    const sorted = terms === '' ? from : `${from} ORDER BY ${terms}`;
    return `(SELECT json_group_array(json_array(${fields})) FROM (${sorted} LIMIT ${MOST_FINDINGS}))`;
  };
  if (rule === 'email' || rule === 'phone') {
    const [bit, claimed] = rule === 'email' ? [EMAIL_VERIFIED, EMAIL_CLAIMED] : [PHONE_VERIFIED, PHONE_CLAIMED];
    // Verified users first, as in the index. Strength: 1 if verified in the new pool, plus 2 if verified in the legacy pool.
    const from = `SELECT l.sub AS sub, l.pool AS pool, (l.verified & ${bit} <> 0) * 2 + (n.verified & ${bit} <> 0) AS strength,
      CASE WHEN l.verified & ${claimed} THEN l.provider END AS legacy_provider,
      CASE WHEN n.verified & ${claimed} THEN n.provider END AS new_provider
      FROM legacy_users l WHERE l.${rule} = n.${rule}`;
    return list('sub, pool, strength, legacy_provider, new_provider', from, `l.verified & ${bit} DESC`, preferred);
  }
  if (rule === 'username') {
    // An address that only an identity provider verified still counts against the username.
    const says = (user: string) => `${user}.verified & ${EMAIL_VERIFIED | EMAIL_CLAIMED}`;
    const from = `SELECT l.sub AS sub, l.pool AS pool, l.exact_name IS n.exact_name AS exact,
      (${says('l')}) AND (${says('n')}) AND l.email <> n.email AS differ
      FROM legacy_users l WHERE l.name = coalesce(n.name, n.username)`;
    return list('sub, pool, exact, differ', from, 'exact DESC', preferred);
  }
  const from = `SELECT DISTINCT l.sub AS sub, l.pool AS pool FROM new_proofs p CROSS JOIN legacy_proofs q ON q.hash = p.hash
    CROSS JOIN legacy_users l ON l.id = q.user WHERE p.user = n.id AND p.rule = '${rule.replaceAll("'", "''")}'`;
  return list('sub, pool, 3', from, preferred);
}
