import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ALL_BLOCKS, type CodeBlock, PAGES, textOf } from '../support/doc-blocks.js';

// Every block of code in the docs is executed, type-checked, parsed or compared by a test, or it is on a list here that says why not.

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const nameOf = ({ page, line, language }: CodeBlock) => `${page}:${line} ${language || '(no language)'}`;
const named = (blocks: readonly CodeBlock[]) => blocks.map((block) => ({ name: nameOf(block), ...block }));
const of = (...languages: string[]) => ALL_BLOCKS.filter(({ language }) => languages.includes(language));

/** The languages, and what is done with their blocks. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ts: 'type-checked by test/docs.test.ts',
  js: 'parsed here',
  json: 'parsed here',
  yaml: 'parsed here',
  sh: 'parsed here; test/docs/every-command.test.ts knows of each command whether it is executed',
  text: 'listed in COMPARED',
  '': 'listed in COMPARED',
  python: 'listed in COMPARED',
  nginx: 'listed in COMPARED',
  csharp: 'listed in UNTRIED',
  go: 'listed in UNTRIED',
  java: 'listed in UNTRIED',
  kotlin: 'listed in UNTRIED',
  swift: 'listed in UNTRIED',
};

/** By page, the suite in which its blocks are compared with what is printed, or executed. */
const COMPARED: Readonly<Record<string, string>> = {
  'CONTRIBUTING.md': 'test/docs.test.ts',
  'docs/assess.md': 'test/cli/commands/assess/brief.test.ts',
  'docs/forward-auth.md': 'test/examples/forward-auth.test.ts',
  'docs/other-languages.md': 'test/other-languages.test.ts',
  'docs/token.md': 'test/support/executed-pages.ts',
};

/** Blocks that no suite of a page compares. */
const UNCOMPARED: Readonly<Record<string, string>> = {
  'docs/drain.md': 'the words of the answer are compared here, its numbers are made up',
  'docs/metrics.md': 'the name of the metric is compared here',
  'docs/phases.md': 'the headers are compared with the dates of the page here',
  'docs/session-handover.md': 'a drawing',
};

/** Blocks in languages whose compilers CI does not have. */
const UNTRIED: Readonly<Record<string, readonly string[]>> = {
  'docs/other-languages.md': ['csharp', 'go', 'java'],
  'docs/session-handover.md': ['kotlin', 'swift'],
};

/** JSON that shows a shape, or JSON documents line by line. */
const SKETCHES = /^\{ "error": |^\{"newSub"/;

describe('the blocks of code', () => {
  it('are in languages of which something is known', () => {
    expect(ALL_BLOCKS.length).toBeGreaterThan(240);
    expect(new Set(ALL_BLOCKS.map(({ language }) => language))).toEqual(new Set(Object.keys(LANGUAGES)));
  });

  it('are all found: no page has a fence that is not closed', () => {
    const fences = PAGES.map((page) => [page, (textOf(page).match(/^ *```/gm) ?? []).length] as const);
    const found = (page: string) => ALL_BLOCKS.filter((block) => block.page === page).length * 2;
    expect(fences.filter(([page, count]) => count !== found(page))).toEqual([]);
  });

  it.each(named(of('json')))('$name is JSON', ({ code }) => {
    for (const text of SKETCHES.test(code) ? code.trim().split('\n') : [code])
      expect(() => JSON.parse(text)).not.toThrow();
  });

  it.each(named(of('yaml')))('$name is YAML', ({ code }) => {
    const documents = parseAllDocuments(code, { logLevel: 'silent' });
    // `!GetAtt` and the like are CloudFormation's.
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it.each(named(of('js')))('$name is JavaScript', ({ code }) => {
    expect(() => transformSync(code, { loader: 'js' })).not.toThrow();
  });

  it.each(named(of('sh')))('$name is for a shell', ({ code }) => {
    execFileSync('bash', ['-n'], { input: code, stdio: ['pipe', 'pipe', 'pipe'] });
  });

  it.each(named(of('text', '', 'python', 'nginx')))('$name is compared by a suite', ({ page }) => {
    const suite = COMPARED[page];
    if (suite === undefined) expect(UNCOMPARED).toHaveProperty([page]);
    else expect(read(suite)).toMatch(new RegExp(page.replace(/^docs\//, '')));
  });

  it.each(named(of('csharp', 'go', 'java', 'kotlin', 'swift')))(
    '$name is known to be untried',
    ({ page, language }) => {
      expect(UNTRIED[page]).toContain(language);
    },
  );
});

describe('output that pages show', () => {
  const shown = (page: string) =>
    ALL_BLOCKS.filter((block) => block.page === page && block.language === 'text')
      .map(({ code }) => code)
      .join('\n');

  it('of drain has the words that the command prints', () => {
    const source = read('src/cli/commands/drain/text.ts') + read('src/operate/drain/report/drain-reasons.ts');
    const [, header = ''] = /^ {10,}(\S.*)$/m.exec(shown('docs/drain.md')) ?? [];
    const words = header.split(/ {2,}/).concat(['counted', 'valid', 'instance', 'users']);
    expect(words.length).toBeGreaterThan(7);
    expect(words.filter((word) => !source.includes(word))).toEqual([]);
  });

  it('of a metric has its name and labels', () => {
    const names = shown('docs/metrics.md').match(/cognito_cutover_\w+/g) ?? [];
    const source =
      read('src/operate/metric-instruments.ts') +
      read('src/operate/metric-labels.ts') +
      read('src/operate/recording.ts');
    expect(names.length).toBeGreaterThan(2);
    const known = source.replaceAll('.', '_');
    expect(names.filter((name) => !known.includes(name.replace(/_total$/, '')))).toEqual([]);
  });

  it('of the phases are the headers of the dates that the page sets', () => {
    const page = textOf('docs/phases.md');
    const [, from = ''] = /^\{ "announceFrom": "([^"]+)"/m.exec(page) ?? [];
    const [, until = ''] = /--accept-until (\d\S*)/.exec(page) ?? [];
    expect(page).toContain(`Deprecation: @${Date.parse(from) / 1000}\nSunset: ${new Date(until).toUTCString()}\n`);
  });
});
