import { describe, expect, it } from 'vitest';
import { commandReference } from '../../scripts/command-reference.js';
import { createProgram, RUN_OPTIONS } from '../../src/cli/arguments.js';
import { flagOf } from '../../src/cli/options/option.js';
import { readOptions } from '../../src/cli/options/read-options.js';
import { COMMANDS } from '../../src/cli/program.js';
import { systemClock } from '../../src/clock.js';
import { Screenful } from '../cli/support.js';
import { ALL_BLOCKS, inlineCodeOf, isCutoverCall, linesOf, PAGES, textOf } from '../support/doc-blocks.js';

const ofRun = Object.keys(RUN_OPTIONS);
const optionsOf = new Map(
  COMMANDS.map(({ name, options }) => [
    name,
    Object.entries<{ readonly hidden?: true; readonly words?: readonly string[]; readonly fileOnly?: true }>(options)
      .filter(([, { hidden, words, fileOnly }]) => hidden !== true && words === undefined && fileOnly !== true)
      .map(([key]) => key)
      .concat(ofRun)
      .map(flagOf),
  ]),
);
const everyFlag = new Set([...optionsOf.values()].flat());
const flagsIn = (text: string) => [...text.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag);

it('docs/commands.md is made from the definitions of the commands: npm run docs:reference', () => {
  expect(textOf('docs/commands.md')).toBe(commandReference());
});

/** Reads a line as the command itself does. Names the command that it would start. */
async function startedBy(line: string): Promise<string[]> {
  const words = line
    .replace(/ (?:2?>>?|<|\||&&?|\|\|) ?.*$/, '')
    .replaceAll(/'([^']*)'/g, (_, quoted: string) => quoted.replaceAll(' ', '\u00a0'))
    .split(/ +/)
    .map((word) => word.replaceAll('\u00a0', ' '))
    .filter((word) => word !== 'npx')
    .slice(1);
  const started: string[] = [];
  const stream = new Screenful();
  const context = {
    ...{ stdin: process.stdin, stdout: stream, stderr: stream, env: {}, clock: systemClock },
    signal: new AbortController().signal,
  };
  const program = createProgram(COMMANDS, context, async (definition, given) => {
    readOptions(given, undefined)(definition.options);
    started.push(definition.name);
  });
  await program.parseAsync(words, { from: 'user' });
  return started;
}

describe('every command line in a block', () => {
  const lines = ALL_BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ page, code }) =>
    linesOf(code)
      .filter(isCutoverCall)
      .map((line) => ({ page, line })),
  );

  it('is found, in lists too', () => {
    expect(lines.length).toBeGreaterThan(80);
    expect(lines).toContainEqual({
      page: 'docs/runbook.md',
      line: 'cognito-cutover status --config cutover.json --watch',
    });
  });

  it.each(lines)('$page: $line', async ({ line }) => {
    const [, name = ''] = /cognito-cutover ([\w-]+)/.exec(line) ?? [];
    expect(await startedBy(line)).toEqual([name]);
    const known = optionsOf.get(name) ?? [];
    expect(flagsIn(line).filter((flag) => !known.includes(flag))).toEqual([]);
  });
});

/** Flags that stand alone in a text, and are of other programs or of every command. */
const OTHERS = ['--help', '--version', '--omit', '--serve', '--use-defaults', '--parameters'];

/** Options of this repository's own scripts, by the page that is about them. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  'docs/testing-of-this-project.md': ['test/fuzz/main.ts', 'test/soak/soak.ts'],
};
const scriptFlagsOf = (page: string) =>
  (SCRIPTS[page] ?? []).flatMap((script) =>
    [...textOf(script).matchAll(/^ *'?([a-z-]+)'?: \{ type: '/gm)].map(([, name]) => `--${name}`),
  );

describe('every page', () => {
  it.each(PAGES)('%s names in its text only commands and options that there are', (page) => {
    const others = [...OTHERS, ...scriptFlagsOf(page)];
    const wrong = inlineCodeOf(page).flatMap((code) => {
      const [, called] = /^(?:npx )?cognito-cutover ([a-z][\w-]*)/.exec(code) ?? [];
      if (called !== undefined && !optionsOf.has(called)) return [`${code}: no such command`];
      const [first = ''] = code.split(' ');
      const command = called ?? (optionsOf.has(first) ? first : undefined);
      const isForeign = command === undefined && !code.startsWith('--');
      if (isForeign) return [];
      const known = command === undefined ? everyFlag : new Set(optionsOf.get(command));
      return flagsIn(code)
        .filter((flag) => !known.has(flag) && !others.includes(flag))
        .map((flag) => `${code}: ${flag}`);
    });
    expect(wrong).toEqual([]);
  });
});

/** Where the page about a command lists its options: each row with what the command calls the value. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  'docs/sync-script.md': ['plan', 'report', 'apply', 'pace', 'status', 'verify', 'rollback', 'sync', 'publish'],
  'docs/csv-import.md': ['export-csv', 'import-csv'],
  'docs/assess.md': ['assess'],
  'docs/dashboard.md': ['dashboard'],
  'docs/drain.md': ['drain'],
  'docs/forward-auth.md': ['forward-auth'],
  'docs/phases.md': ['phase'],
  'docs/token.md': ['token'],
};

describe.each(Object.entries(TABLES))('the tables of options in %s', (page, names) => {
  const definitions = COMMANDS.filter(({ name }) => names.includes(name));
  const rows = [...textOf(page).matchAll(/^\| (`--.*?) \| /gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(--[a-z][\w-]*)(?: ([^`]+))?`/g)].map(([, flag = '', value]) => ({ flag, value })),
  );

  it('have only options of these commands, with the name that --help gives the value', () => {
    const wrong = rows.filter(({ flag, value }) => {
      const found = definitions
        .flatMap(({ options }) => Object.entries({ ...options, ...RUN_OPTIONS }))
        .filter(([key]) => flagOf(key) === flag)
        .map(([, { argument }]: [string, { readonly argument?: string }]) => argument);
      return found.length === 0 || (value !== undefined && !found.includes(value));
    });
    expect(wrong).toEqual([]);
  });
});

it('the help of a command shows as examples only what the command understands', async () => {
  for (const { name, examples } of COMMANDS) {
    for (const example of examples) expect(await startedBy(example), example).toEqual([name]);
  }
});
