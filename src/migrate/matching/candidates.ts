import type { Sqlite } from '../state/sqlite.js';
import type { Finding, MatchInput } from './decide.js';
import type { HeldValue } from './held-value.js';
import type { MatchRule, Policy } from './policy.js';
import { EMAIL_VERIFIED, PHONE_VERIFIED } from './users.js';

/** Findings of one rule that are looked at. Two say "several"; the others are for the report. */
const MOST_FINDINGS = 4;

export interface MatchRow extends MatchInput {
  readonly id: number;
}

/** A finding as SQLite answers it: sub, how it was found, and for usernames whether the verified e-mails differ. */
type RawFinding = readonly [sub: string | null, strength: number, emailsDiffer?: number | null];
/** A held value as SQLite answers it. */
type RawHeld = readonly [
  value: string,
  id: string,
  provider: string | null,
  unconfirmed: number,
  shared: number,
  owner: readonly [users: number, byUsername: number | null, byEmail: number | null, byPhone: number | null],
];
type RawRow = readonly [
  id: number,
  sub: string | null,
  held: RawHeld | null,
  mapped: string | null,
  ...findings: readonly (readonly RawFinding[])[],
];

/** What the attribute holds, who else holds it, and whose `sub` it is; `null` where it is empty. */
const HELD = `CASE WHEN n.value IS NOT NULL THEN json_array(n.value, n.value_id, n.value_provider, n.unconfirmed,
  EXISTS (SELECT 1 FROM new_users h WHERE h.folded = n.folded AND h.id <> n.id),
  json((SELECT json_array(count(*), max(l.name = coalesce(n.name, n.username)), max(l.email = n.email),
    max(l.phone = n.phone)) FROM legacy_users l WHERE l.sub = n.value_id))) END`;

/**
 * Reads new-pool users in portions, each with what every rule finds in the legacy pools. A portion comes as one JSON text:
 * that is twice as fast as its rows one by one.
 */
export function* matchRows(db: Sqlite, policy: Policy, portion = 2000): Generator<MatchRow[]> {
  const rules = policy.rules.filter((rule) => rule !== 'mapping');
  const columns = rules.map((rule) => `,\n json(${findingsOf(rule)})`).join('');
  const sql = `SELECT json_group_array(json_array(n.id, n.sub, json(${HELD}),
    (SELECT m.legacy_sub FROM mapping m WHERE m.new_username = n.username)${columns}))
    FROM (SELECT * FROM new_users WHERE id > ? ORDER BY id LIMIT ?) n`;
  for (let last = 0; ; ) {
    const rows: RawRow[] = JSON.parse(db.get<readonly [string]>(sql, last, portion)?.[0] ?? '[]');
    const lastRow = rows.at(-1);
    if (lastRow === undefined) return;
    last = lastRow[0];
    yield rows.map((row) => toMatchRow(row, rules));
  }
}

function toMatchRow([id, sub, held, mapped, ...lists]: RawRow, rules: readonly MatchRule[]): MatchRow {
  const findings = lists.flatMap((list, index) => list.map((raw) => toFinding(rules[index] ?? 'mapping', raw)));
  return { id, sub, held: held && toHeldValue(held), mapped, findings };
}

/** The rules that can find somebody without proving it. */
const CONTACT_RULES: readonly MatchRule[] = ['username', 'email', 'phone'];

function toHeldValue([value, id, provider, unconfirmed, shared, [users, ...contacts]]: RawHeld): HeldValue {
  return {
    value,
    id,
    isLegacySub: users > 0,
    backedBy: CONTACT_RULES.filter((_, index) => contacts[index] === 1),
    isShared: shared === 1,
    provider,
    isUnconfirmed: unconfirmed === 1,
  };
}

const UNVERIFIED_IN = ['both', 'legacy', 'new'] as const;

function toFinding(rule: MatchRule, [sub, strength, emailsDiffer]: RawFinding): Finding {
  if (rule === 'username') {
    if (strength === 0) return { rule, sub, strength: 'username-case' };
    return { rule, sub, strength: 'username', emailsDiffer: emailsDiffer === 1 };
  }
  const unverifiedIn = UNVERIFIED_IN[strength];
  return unverifiedIn === undefined
    ? { rule, sub, strength: 'proof' }
    : { rule, sub, strength: 'unverified', unverifiedIn };
}

function findingsOf(rule: MatchRule): string {
  const list = (fields: string, from: string, order: string) =>
    `(SELECT json_group_array(json_array(${fields})) FROM (${from} ${order} LIMIT ${MOST_FINDINGS}))`;
  if (rule === 'email') return list('sub, strength', byContact('email', EMAIL_VERIFIED), '');
  if (rule === 'phone') return list('sub, strength', byContact('phone', PHONE_VERIFIED), '');
  if (rule === 'username') {
    const from = `SELECT l.sub AS sub, l.exact_name IS n.exact_name AS exact,
      (l.verified & n.verified & ${EMAIL_VERIFIED}) AND l.email <> n.email AS differ
      FROM legacy_users l WHERE l.name = coalesce(n.name, n.username)`;
    return list('sub, exact, differ', from, 'ORDER BY exact DESC');
  }
  const from = `SELECT DISTINCT l.sub AS sub FROM new_proofs p CROSS JOIN legacy_proofs q ON q.hash = p.hash
    CROSS JOIN legacy_users l ON l.id = q.user WHERE p.user = n.id AND p.rule = '${rule.replaceAll("'", "''")}'`;
  return list('sub, 3', from, '');
}

/** Verified ones first: the index has them in this order. Strength: 1 for verified here, 2 for verified there. */
function byContact(column: 'email' | 'phone', bit: number): string {
  return `SELECT l.sub AS sub, (l.verified & ${bit} <> 0) * 2 + (n.verified & ${bit} <> 0) AS strength
    FROM legacy_users l WHERE l.${column} = n.${column} ORDER BY l.verified & ${bit} DESC`;
}
