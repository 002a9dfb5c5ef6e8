import type { Outcome } from '../outcomes.js';
import type { Sqlite } from '../state/sqlite.js';
import type { State } from '../state/state.js';
import { type MatchRow, MOST_FINDINGS, matchRows, WITH_USERNAMES, withOutcomes } from './candidates.js';
import type { UndecidedUser } from './mapping-file.js';
import type { MatchRule, Policy } from './policy.js';

/** Stands after candidates that are not all. It is not a sub: copied with them, it is refused. */
const AND_MORE = '…';

/**
 * The users of the finished plan with these outcomes, each with the legacy users that the plan's rules find, read on demand. A value
 * that a user already has is not a candidate: the user may have written it. The detail shows it.
 */
export function* readUndecided(state: State, outcomes: readonly Outcome[]): Generator<UndecidedUser> {
  const { db } = state;
  for (const rows of matchRows(db, policyOf(state), [], { among: withOutcomes(outcomes) })) {
    const decisions = decisionsOn(db, rows);
    for (const row of rows) {
      const [, newUsername, newSub, outcome, value, detail] = decisions.get(row.id) ?? [];
      if (newUsername === undefined || outcome === undefined) continue;
      const candidates = candidatesOf(row, value ?? null);
      yield { newUsername, newSub: newSub ?? '', outcome, candidates, detail: detail ?? '' };
    }
  }
}

/** The same legacy users, of the new users with these usernames. */
export function readCandidates(state: State, usernames: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const { db } = state;
  const candidates = new Map<string, readonly string[]>();
  const among = { among: WITH_USERNAMES, values: [JSON.stringify(usernames)] };
  for (const rows of matchRows(db, policyOf(state), [], among)) {
    const decisions = decisionsOn(db, rows);
    for (const row of rows) {
      const [, username, , , value] = decisions.get(row.id) ?? [];
      if (username !== undefined) candidates.set(username, candidatesOf(row, value ?? null));
    }
  }
  return candidates;
}

/** The rules and the attribute of the finished plan. */
function policyOf({ meta }: State): Pick<Policy, 'rules' | 'attribute'> {
  const rules: readonly MatchRule[] = JSON.parse(meta.get('listedFor') ?? '{"rules":[]}').rules;
  return { rules, attribute: meta.get('attribute') ?? '' };
}

type DecisionRow = readonly [
  user: number,
  username: string,
  sub: string | null,
  outcome: Outcome,
  value: string | null,
  detail: string,
];

function decisionsOn(db: Sqlite, rows: readonly MatchRow[]): ReadonlyMap<number, DecisionRow> {
  const found = db.all<DecisionRow>(
    `SELECT n.id, n.username, n.sub, d.outcome, d.value, d.detail FROM new_users n JOIN decisions d ON d.user = n.id
     WHERE n.id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(rows.map(({ id }) => id)),
  );
  return new Map(found.map((row) => [row[0], row]));
}

/** In an order that suggests nothing. */
function candidatesOf({ findings }: MatchRow, value: string | null): readonly string[] {
  const subs = new Set(findings.flatMap(({ sub }) => sub ?? []));
  if (value !== null) subs.add(value);
  const isCut = findings.some(({ rule }) => findings.filter((one) => one.rule === rule).length >= MOST_FINDINGS);
  return [...[...subs].sort(), ...(isCut ? [AND_MORE] : [])];
}
