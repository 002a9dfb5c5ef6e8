import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { MappingRow } from '../../../src/migrate/outcomes.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows, readStatus } from '../../../src/migrate/report.js';
import { openState, type State } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../support/fake-directory.js';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function newState(): State {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-mapping-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const state = openState({ path: join(folder, 'cutover.db'), access: 'plan' });
  closing.push(() => state.close());
  return state;
}

const person = (name: string, sub: string): FakeUser => ({ username: name, sub, attributes: {} });

async function planned(state: State, mapping: readonly MappingRow[]) {
  await runPlan({
    state,
    legacyPools: [new FakeDirectory('eu-west-1_Old', { users: ['a', 'b', 'c'].map((id) => person(`old-${id}`, id)) })],
    newPool: new FakeDirectory('eu-west-1_New', { users: ['ann', 'bob'].map((name) => person(name, `new-${name}`)) }),
    clock: new AutoClock(),
    mapping,
  });
  const rows = [...readReportRows(state)].map(({ newUsername, outcome, legacySub }) => [
    newUsername,
    outcome,
    legacySub,
  ]);
  return { rows: rows.sort(), warnings: readStatus(state).warnings };
}

const row = (newUsername: string, legacySub: string, line: number, more: Partial<MappingRow> = {}): MappingRow => ({
  ...{ newUsername, legacySub, line },
  ...more,
});

describe('a row that names the sub of its user', () => {
  it('counts as any other row while the user is there', async () => {
    const { rows, warnings } = await planned(newState(), [row('ann', 'a', 2, { newSub: 'new-ann' })]);
    expect(rows).toContainEqual(['ann', 'set', 'a']);
    expect(warnings).toEqual([]);
  });

  it.each<[string, MappingRow]>([
    ['the new user is gone', row('cat', 'a', 2, { newSub: 'new-cat' })],
    ['somebody else has the username now', row('ann', 'a', 2, { newSub: 'new-ann-of-last-year' })],
    ['the legacy user is gone', row('ann', 'z', 2, { newSub: 'new-ann' })],
  ])('is left out and counted where %s', async (_name, gone) => {
    const { rows, warnings } = await planned(newState(), [gone, row('bob', 'b', 3, { newSub: 'new-bob' })]);
    expect(rows).toContainEqual(['ann', 'new-born', '']);
    expect(rows).toContainEqual(['bob', 'set', 'b']);
    expect(warnings).toEqual([expect.stringMatching(/whose user no longer exists: 1\. They are ignored\./)]);
  });

  it('makes no row of somebody’s own decision less strict', async () => {
    const rows = [row('cat', 'a', 2, { newSub: 'new-cat' }), row('dan', 'b', 3)];
    await expect(planned(newState(), rows)).rejects.toThrow('mapping: line 3: no such user in the new pool');
  });
});

describe('rows of several files', () => {
  it.each<[string, MappingRow[], string]>([
    [
      'the same new user',
      [row('ann', 'a', 9, { file: 'one.csv' }), row('ann', 'b', 2, { file: 'two.csv' })],
      'mapping: two.csv, line 2: the same new user as one.csv, line 9',
    ],
    [
      'the same legacy user',
      [row('ann', 'a', 9, { file: 'one.csv' }), row('bob', 'a', 2, { file: 'two.csv' })],
      'mapping: two.csv, line 2: the same legacy user as one.csv, line 9',
    ],
    [
      'nobody who is there',
      [row('ann', 'a', 9, { file: 'one.csv' }), row('cat', 'b', 2, { file: 'two.csv' })],
      'mapping: two.csv, line 2: no such user in the new pool',
    ],
  ])('are refused by file and line where they name %s', async (_name, rows, message) => {
    await expect(planned(newState(), rows)).rejects.toThrow(message);
  });
});

describe('a row of report --decide', () => {
  const decided = { decided: true, newSub: 'new-ann' } as const;

  it('decides, if it names a legacy user', async () => {
    const { rows, warnings } = await planned(newState(), [row('ann', 'a', 2, decided)]);
    expect(rows).toContainEqual(['ann', 'set', 'a']);
    expect(warnings).toEqual([]);
  });

  it('decides nothing without one, is counted, and leaves the user to another file', async () => {
    const undecided = [row('ann', '', 2, decided), row('bob', '', 3, { decided: true, newSub: 'gone' })];
    const { rows, warnings } = await planned(newState(), [...undecided, row('ann', 'b', 2, { file: 'other.csv' })]);
    expect(rows).toContainEqual(['ann', 'set', 'b']);
    expect(rows).toContainEqual(['bob', 'new-born', '']);
    expect(warnings).toEqual(['Rows of mapping files without a legacy_sub, which decide nothing: 2.']);
  });

  it.each<[string, MappingRow, string]>([
    ['nobody has the username', row('cat', 'a', 2, decided), 'line 2: no such user in the new pool'],
    [
      'somebody else has the username now',
      row('ann', 'a', 2, { decided: true, newSub: 'new-ann-of-last-year' }),
      'line 2: the username belongs to another user of the new pool',
    ],
    ['the legacy user does not exist', row('ann', 'z', 2, decided), 'line 2: no such user in a legacy pool'],
  ])('is refused where %s', async (_name, wrong, message) => {
    await expect(planned(newState(), [wrong])).rejects.toThrow(message);
  });
});

describe('rows that no plan can use', () => {
  it.each<[string, readonly MappingRow[], string]>([
    ['an empty username', [row('', 'a', 2)], 'mapping: line 2: an empty value'],
    ['an empty sub', [row('ann', '', 2)], 'mapping: line 2: an empty value'],
    ['a new user twice', [row('ann', 'a', 2), row('ann', 'b', 3)], 'mapping: line 3: the same new user as line 2'],
    [
      'a legacy user twice',
      [row('ann', 'a', 2), row('bob', 'a', 3)],
      'mapping: line 3: the same legacy user as line 2',
    ],
    [
      'a row of another file',
      [row('ann', 'a', 2, { file: 'one.csv' }), row('ann', 'b', 2, { file: 'two.csv' })],
      'mapping: two.csv, line 2: the same new user as one.csv, line 2',
    ],
  ])('are refused: %s', async (_, rows, message) => {
    await expect(planned(newState(), rows)).rejects.toThrow(message);
  });

  it('are counted where nobody has decided yet', async () => {
    const { warnings } = await planned(newState(), [row('ann', '', 2, { decided: true }), row('bob', 'b', 3)]);
    expect(warnings).toEqual(['Rows of mapping files without a legacy_sub, which decide nothing: 1.']);
  });

  it('replace those of an earlier plan', async () => {
    const opened = newState();
    await planned(opened, [row('ann', 'a', 2)]);
    const { rows } = await planned(opened, [row('bob', 'a', 2)]);
    expect(rows).toContainEqual(['bob', 'set', 'a']);
    expect(rows).toContainEqual(['ann', 'new-born', '']);
  });

  it('are found in any portion of a long file', async () => {
    const long = Array.from({ length: 1001 }, (_, at) => row(`user${at}`, `s${at}`, at + 2));
    const rows = [...long, row('user0', 'again', 1003)];
    await expect(planned(newState(), rows)).rejects.toThrow('line 1003: the same new user as line 2');
  });
});
