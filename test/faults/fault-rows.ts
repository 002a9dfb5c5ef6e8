import { readFileSync } from 'node:fs';

const PAGE = new URL('../../docs/reliability.md', import.meta.url);

/** A row of docs/reliability.md: a fault, and the test that shows it. */
export interface FaultRow {
  readonly fault: string;
  readonly promise: string;
  readonly seen: string;
  readonly command: string;
  readonly file: string;
  /** Title of the test, or of the group of tests. */
  readonly title: string;
}

const COMMAND = /^`npx vitest run (?:--config vitest\.long\.config\.ts )?(test\/\S+\.test\.ts) -t "([^"]+)"`$/;

const HEADER = '| fault | promise | what was seen | command |';

/** The rows of every table of the page that has faults. */
export function faultRows(): readonly FaultRow[] {
  const rows: FaultRow[] = [];
  let isFaults = false;
  for (const line of readFileSync(PAGE, 'utf8').split('\n')) {
    if (!line.startsWith('|')) isFaults = false;
    else if (line === HEADER) isFaults = true;
    else if (isFaults && !line.startsWith('|---')) rows.push(rowOf(line));
  }
  return rows;
}

function rowOf(line: string): FaultRow {
  const [fault = '', promise = '', seen = '', command = ''] = line.slice(2, -2).split(' | ');
  const [, file = '', title = ''] = COMMAND.exec(command) ?? [];
  return { fault, promise, seen, command, file, title };
}

/** Whether a row's title names a test: the test itself, or the group it is in. */
export function isNamedBy(
  { file, title }: FaultRow,
  test: { readonly file: string; readonly fullName: string },
): boolean {
  return test.file === file && test.fullName.includes(title);
}
