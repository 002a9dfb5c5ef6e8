import { ConfigurationError } from '../../errors.js';
import { listed } from '../../words.js';
import type { MappingRow } from '../outcomes.js';
import { Aside } from '../state/aside.js';
import { MAPPING_TABLE } from '../state/schema.js';
import type { Sqlite } from '../state/sqlite.js';

const ROWS_PER_COMMIT = 1000;

export const NO_NEW_USER = 'no such user in the new pool';
const OTHER_NEW_USER = 'the username belongs to another user of the new pool, whose sub is not the new_sub of this row';
export const NO_LEGACY_USER = 'no such user in a legacy pool';

/**
 * Stores the rows of a mapping file in the state, and replaces earlier rows. Resolves to warnings: how many rows decide nothing yet.
 * @throws {@link ConfigurationError} when two rows name the same new or the same legacy user
 */
export async function loadMapping(
  db: Sqlite,
  rows: Iterable<MappingRow> | AsyncIterable<MappingRow>,
): Promise<readonly string[]> {
  db.transaction(() => db.exec(`DROP TABLE IF EXISTS mapping; ${MAPPING_TABLE}`));
  const faults: string[] = [];
  let undecided = 0;
  let portion: MappingRow[] = [];
  let count = 0;
  const store = () => {
    db.transaction(() => {
      for (const row of portion) {
        const { newUsername, legacySub, newSub, decided = false } = row;
        const place = placeOf(row);
        count += 1;
        if (decided && legacySub === '') undecided += 1;
        else if (newUsername === '' || legacySub === '') faults.push(`${place}: an empty value`);
        else if (db.run(INSERT, newUsername, legacySub, newSub ?? null, decided ? 1 : 0, count, place) === 0) {
          const first = db.get<readonly [string]>('SELECT place FROM mapping WHERE new_username = ?', newUsername);
          faults.push(`${place}: the same new user as ${first?.[0]}`);
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
  const repeated = await new Aside(db).all<readonly [string, string]>(
    `SELECT place, first FROM (SELECT row, place, first_value(place) OVER same AS first, min(row) OVER same AS first_row
       FROM mapping WINDOW same AS (PARTITION BY legacy_sub ORDER BY row))
     WHERE row <> first_row ORDER BY row`,
  );
  for (const [place, first] of repeated) faults.push(`${place}: the same legacy user as ${first}`);
  refuseFaults(faults);
  return undecided === 0 ? [] : [`Rows of mapping files without a legacy_sub, which decide nothing: ${undecided}.`];
}

const INSERT =
  'INSERT INTO mapping (new_username, legacy_sub, new_sub, decided, row, place) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';

const GONE = `new_sub IS NOT NULL AND NOT decided AND (
  NOT EXISTS (SELECT 1 FROM new_users u WHERE u.username = mapping.new_username AND u.sub = mapping.new_sub)
  OR NOT EXISTS (SELECT 1 FROM legacy_users u WHERE u.sub = mapping.legacy_sub))`;

const placeOf = ({ file, line }: MappingRow): string => (file === undefined ? `line ${line}` : `${file}, line ${line}`);

/**
 * Rows of import-csv name users who existed, and who may have been deleted since in either pool: those rows are removed, and `warn`
 * reports how many. So are rows whose username now belongs to someone else. Other rows are a person's decision about users who must
 * exist.
 * @throws {@link ConfigurationError} when one of the remaining rows names a user who is in no listed pool
 */
export async function checkMapping(db: Aside, warn: (message: string) => void): Promise<void> {
  const gone = await db.count(`SELECT count(*) FROM mapping WHERE ${GONE}`);
  if (gone > 0) {
    await db.run((script) => script.exec(`DELETE FROM mapping WHERE ${GONE}`));
    warn(`Rows of mapping files that import-csv wrote and whose user no longer exists: ${gone}. They are ignored.`);
  }
  const unknown = async (what: string, condition: string) => {
    const rows = await db.all<readonly [string]>(`SELECT place FROM mapping m WHERE ${condition} ORDER BY row`);
    return rows.map(([place]) => `${place}: ${what}`);
  };
  const named = 'SELECT 1 FROM new_users u WHERE u.username = m.new_username';
  refuseFaults([
    ...(await unknown(NO_NEW_USER, `NOT EXISTS (${named})`)),
    // Decided about somebody who had the username then.
    ...(await unknown(
      OTHER_NEW_USER,
      `EXISTS (${named}) AND NOT EXISTS (${named} AND u.sub IS coalesce(m.new_sub, u.sub))`,
    )),
    ...(await unknown(NO_LEGACY_USER, 'NOT EXISTS (SELECT 1 FROM legacy_users u WHERE u.sub = m.legacy_sub)')),
  ]);
}

export function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new ConfigurationError('mapping', listed(faults, '; '));
}
