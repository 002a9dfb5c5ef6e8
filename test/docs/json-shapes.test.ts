import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startMigration } from '../cli/migration.js';
import { run } from '../cli/support.js';
import { LEGACY_POOL, NEW_POOL } from '../support/cognito-simulator/index.js';
import { blocksOf, textOf } from '../support/doc-blocks.js';

// What a page says of the document that a command prints with --json, field by field.

/** The names of the outermost fields of a document, or of a sketch of one: `{ "users": 3, "files": [{ "file" }], "cost": {…} }`. */
function fieldsOf(sketch: string): string[] {
  let outer = sketch.replaceAll(/\s+/g, ' ').trim().slice(1, -1);
  for (let before = ''; before !== outer; ) {
    before = outer;
    outer = outer.replaceAll(/\{[^{}]*\}|\[[^[\]]*\]/g, '0');
  }
  // A value stands behind a colon, a name at the beginning or behind a comma.
  return [...outer.matchAll(/(?:^|,) *"([\w-]+)"/g)].map(([, field = '']) => field);
}

/** The sketch that follows a text in a page: in backquotes, or in the next block. */
function sketchAfter(page: string, start: string): string {
  const text = textOf(page);
  const at = text.indexOf(start);
  expect(at, `${page}: ${start}`).toBeGreaterThanOrEqual(0);
  const rest = text.slice(at + start.length);
  const [, inline] = /^\s*(?:->)?:?\s*`(\{[\s\S]*?)`/.exec(rest) ?? [];
  if (inline !== undefined) return inline;
  const inSection = start.startsWith('###') ? /^`--json`: `(\{[\s\S]*?)`/m.exec(rest)?.[1] : undefined;
  if (inSection !== undefined) return inSection;
  const line = text.slice(0, at).split('\n').length;
  return blocksOf(page).find((block) => block.line > line && block.code.startsWith('{'))?.code ?? '';
}

it('finds the fields of a sketch', () => {
  const sketch = '{ "a": 1, "b": [{ "c": [1] }, …], "d": { "e": "f" },\n"g" }';
  expect(fieldsOf(sketch)).toEqual(['a', 'b', 'd', 'g']);
});

it('every field that a page shows is printed, and every field that is printed is shown', {
  timeout: 300_000,
}, async () => {
  await using migration = await startMigration();
  const file = (name: string) => join(migration.dir, name);
  const wrong: unknown[] = [];
  const compare = (page: string, start: string, document: object) => {
    const shown = fieldsOf(sketchAfter(page, start));
    const printed = Object.keys(document);
    const text = textOf(page);
    const unknown = printed.filter((field) => !shown.includes(field) && !new RegExp(`[\`"]${field}[\`"]`).test(text));
    const isSometimes = (field: string) => new RegExp(`\\| \`${field}\` \\|.*only present if`).test(text);
    const missing = shown.filter((field) => !printed.includes(field) && !isSometimes(field));
    if (shown.length < 2 || unknown.length > 0 || missing.length > 0) wrong.push({ page, start, unknown, missing });
  };
  const documentOf = async (command: string, ...args: string[]) => (await migration.json(command, args)).document;
  const mapping = file('mapping.ndjson');
  const reference = 'docs/sync-script.md';

  const plan = await documentOf('plan');
  compare(reference, '`plan --json`', plan);
  expect(Object.keys((plan as { outcomes: object }).outcomes)).toEqual(
    Object.keys(JSON.parse(sketchAfter(reference, '`plan --json`')).outcomes),
  );
  compare(reference, '`report --json`', await documentOf('report', '--csv', file('report.csv')));
  compare(reference, '`publish --json`', await documentOf('publish', '--to', mapping));
  compare('docs/stores.md', '`publish --json`', await documentOf('publish', '--to', mapping));
  compare(reference, '`apply --json`', await documentOf('apply', '--yes'));
  compare(reference, '`verify --json`', await documentOf('verify'));
  const status = (await documentOf('status')) as Record<string, object>;
  compare(reference, '`status --json`', status);
  const shown = JSON.parse(sketchAfter(reference, '`status --json`'));
  expect(Object.keys(status['writes'] ?? {}).sort()).toEqual(Object.keys(shown.writes).sort());
  compare(reference, '`pace --json`', await documentOf('pace', '--rps', '5'));
  compare('docs/csv-import.md', '### export-csv', await documentOf('export-csv', '--out', file('import')));
  const role = ['--logs-role-arn', 'arn:aws:iam::123456789012:role/Logs'];
  const imported = await documentOf('import-csv', '--from', file('import'), ...role, '--yes');
  compare('docs/csv-import.md', '### import-csv', imported);
  compare(reference, '`sync --json`', await documentOf('sync', '--yes', '--to', mapping));
  compare(reference, '`rollback --json`', await documentOf('rollback', '--yes'));

  const phases = await run(['phase', 'show', '--to', file('phases.json'), '--json']);
  compare('docs/phases.md', '`phase show --json`', JSON.parse(phases.stdout));
  const { endpoint } = migration.simulator;
  const endpoints = ['--legacy-endpoint', endpoint, '--new-endpoint', endpoint];
  const assessed = await run(['assess', '--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL, ...endpoints, '--json']);
  compare('docs/assess.md', '## JSON', JSON.parse(assessed.stdout));

  expect(wrong).toEqual([]);
});
