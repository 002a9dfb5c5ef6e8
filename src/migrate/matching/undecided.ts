import type { Outcome } from '../outcomes.js';
import type { Sqlite } from '../state/sqlite.js';
import type { State } from '../state/state.js';
import { type MatchRow, MOST_FINDINGS, matchRows, withOutcomes } from './candidates.js';
import type { UndecidedUser } from './mapping-file.js';
import type { MatchRule } from './policy.js';

/** Stands after candidates that are not all. It is not a sub: copied with them, it is refused. */
const AND_MORE = '…';

/**
 * The users of the finished plan with these outcomes, each with the legacy users that the plan's rules find, read on demand. A value
 * that a user already has is not a candidate: the user may have written it. The detail shows it.
 */
export function* readUndecided({ db, meta }: State, outcomes: readonly Outcome[]): Generator<UndecidedUser> {
  const rules: readonly MatchRule[] = JSON.parse(meta.get('listedFor') ?? '{"rules":[]}').rules;
  const policy = { rules, attribute: meta.get('attribute') ?? '' };
  for (const rows of matchRows(db, policy, [], { among: withOutcomes(outcomes) })) {
    const decisions = decisionsOn(db, rows);
    for (const row of rows) {
      const [, newUsername, newSub, outcome, value, detail] = decisions.get(row.id) ?? [];
      if (newUsername === undefined || outcome === undefined) continue;
      const candidates = candidatesOf(row, value ?? null);
      yield { newUsername, newSub: newSub ?? '', outcome, candidates, detail: detail ?? '' };
    }
  }
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
