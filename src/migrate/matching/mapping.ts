import { ConfigurationError } from '../../errors.js';
import type { MappingRow } from '../results.js';
import { Aside } from '../state/aside.js';
import type { Sqlite } from '../state/sqlite.js';

const ROWS_PER_COMMIT = 1000;

export const NO_NEW_USER = 'no such user in the new pool';
export const NO_LEGACY_USER = 'no such user in a legacy pool';

/** Faults named in an error; the rest is counted. */
const MOST_NAMED = 10;

/**
 * Puts the rows of a mapping file into the state, in place of earlier ones.
 * @throws {@link ConfigurationError} when two rows name the same new or the same legacy user
 */
export async function loadMapping(db: Sqlite, rows: Iterable<MappingRow> | AsyncIterable<MappingRow>): Promise<void> {
  db.run('DELETE FROM mapping');
  const faults: string[] = [];
  let portion: MappingRow[] = [];
  const store = () => {
    db.transaction(() => {
      for (const { newUsername, legacySub, line } of portion) {
        const sql = 'INSERT INTO mapping (new_username, legacy_sub, line) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
        if (newUsername === '' || legacySub === '') faults.push(`line ${line}: an empty value`);
        else if (db.run(sql, newUsername, legacySub, line) === 0) {
          const first = db.count('SELECT line FROM mapping WHERE new_username = ?', newUsername);
          faults.push(`line ${line}: the new user of line ${first} again`);
        }
      }
    });
    portion = [];
  };
  for await (const row of rows) {
    portion.push(row);
    if (portion.length === ROWS_PER_COMMIT) store();
  }
  store();
  const repeated = await new Aside(db).all<readonly [number, number]>(
    `SELECT line, first FROM (SELECT line, min(line) OVER (PARTITION BY legacy_sub) AS first FROM mapping)
     WHERE line <> first ORDER BY line`,
  );
  for (const [line, first] of repeated) faults.push(`line ${line}: the legacy user of line ${first} again`);
  refuseFaults(faults);
}

/** @throws {@link ConfigurationError} when a row names a user whom no listed pool has */
export async function checkMapping(db: Aside): Promise<void> {
  const unknown = async (what: string, table: string, column: string, mapped: string) => {
    const rows = await db.all<readonly [number]>(
      `SELECT line FROM mapping m WHERE NOT EXISTS (SELECT 1 FROM ${table} u WHERE u.${column} = m.${mapped}) ORDER BY line`,
    );
    return rows.map(([line]) => `line ${line}: ${what}`);
  };
  refuseFaults([
    ...(await unknown(NO_NEW_USER, 'new_users', 'username', 'new_username')),
    ...(await unknown(NO_LEGACY_USER, 'legacy_users', 'sub', 'legacy_sub')),
  ]);
}

export function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const rest = faults.length > MOST_NAMED ? `; and ${faults.length - MOST_NAMED} more` : '';
  throw new ConfigurationError('mapping', `${faults.slice(0, MOST_NAMED).join('; ')}${rest}`);
}
