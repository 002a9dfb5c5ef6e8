import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { RUN_OPTIONS } from '../src/cli/arguments.js';
import { flagOf } from '../src/cli/options/option.js';
import { COMMANDS } from '../src/cli/program.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = read('docs/faq.md');
const manifest = JSON.parse(read('package.json')) as {
  exports: Record<string, string | { import: { default: string } }>;
};

const sections = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [question = '', ...lines] = section.split(/^## /m)[0]!.split('\n');
    const [answer = '', asked = ''] = lines.join('\n').split(/^Asked in\s/m);
    return { question, answer: answer.trim(), asked };
  });
const code = [...page.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replaceAll(/\s+/g, ' '));

describe('the questions', () => {
  it('are as many as the page says, each once', () => {
    expect(sections).toHaveLength(55);
    expect(page).toContain('\n55 questions');
    expect(new Set(sections.map(({ question }) => question)).size).toBe(55);
  });

  it('stand in the table of contents in the same order', () => {
    expect([...page.matchAll(/^ {2}- \[(.*)\]\(#/gm)].map(([, question]) => question)).toEqual(
      sections.map(({ question }) => question),
    );
  });

  it.each(sections)('$question is answered in a few lines', ({ answer }) => {
    const lines = answer.split('\n').length;
    expect(lines).toBeGreaterThanOrEqual(2);
    expect(lines).toBeLessThanOrEqual(8);
  });

  it.each(sections.filter(({ asked }) => asked !== ''))('$question leads to where it was asked', ({ asked }) => {
    const threads = asked.trim().replace(/\.$/, '').split(/,\s/);
    const wrong = threads.filter((thread) => {
      const [, repository, number, link] = /^\[([\w.-]+\/[\w.-]+)#(\d+)\]\((.*)\)$/.exec(thread) ?? [];
      return link === undefined || link !== `https://github.com/${repository}/issues/${number}`;
    });
    expect(wrong).toEqual([]);
  });
});

describe('the command in the answers', () => {
  const optionsOf = new Map(
    COMMANDS.map(({ name, options }) => [name, Object.keys({ ...options, ...RUN_OPTIONS }).map(flagOf)]),
  );
  const isCall = (text: string) => /^cognito-cutover /.test(text) || optionsOf.has(text.split(' ')[0] ?? '');
  const calls = code.filter(isCall);

  it('has the commands, and they have the options', () => {
    expect(calls.length).toBeGreaterThan(20);
    const wrong = calls.filter((call) => {
      const [command = ''] = call.replace(/^cognito-cutover /, '').split(' ');
      const known = optionsOf.get(command);
      return known === undefined || flagsIn(call).some((flag) => !known.includes(flag));
    });
    expect(wrong).toEqual([]);
  });

  it('has the options that stand alone', () => {
    const known = new Set([...optionsOf.values()].flat());
    expect(code.flatMap(flagsIn).filter((flag) => !known.has(flag))).toEqual([]);
  });
});

describe('the library in the answers', () => {
  const subpaths = Object.keys(manifest.exports).map((subpath) => subpath.replace(/^\./, 'cognito-cutover'));
  const namesOf = async (subpath: string) => {
    const entry = manifest.exports[subpath.replace('cognito-cutover', '.')];
    if (typeof entry !== 'object') return [];
    return Object.keys((await import(join(root, entry.import.default))) as object);
  };

  it('has the subpaths', () => {
    const named = code.filter((text) => text === 'cognito-cutover' || text.startsWith('cognito-cutover/'));
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((subpath) => !subpaths.includes(subpath))).toEqual([]);
  });

  it('exports each name from the subpath that the page gives', async () => {
    const pairs = [
      ...page.replaceAll(/\s+/g, ' ').matchAll(/`(\w+)(?:\(\w*\))?(?:\.\w+)?` from `(cognito-cutover[\w/-]*)`/g),
    ];
    expect(pairs.length).toBeGreaterThan(4);
    for (const [pair, name = '', subpath = ''] of pairs) expect(await namesOf(subpath), pair).toContain(name);
  });

  it('exports every function that the page calls or names, or it is a method', async () => {
    const exported = new Set((await Promise.all(subpaths.map(namesOf))).flat());
    const methods = new Set(methodNames());
    const called = code.flatMap((text) => [
      ...[...text.matchAll(/(?<![\w.])([a-z]\w*)\(/g)].map(([, name = '']) => name),
      ...(/^(?:create|require)[A-Z]\w+$/.test(text) ? [text] : []),
    ]);
    expect(called.length).toBeGreaterThan(15);
    expect(called.filter((name) => !exported.has(name) && !methods.has(name))).toEqual([]);
  });
});

describe('other names in the answers', () => {
  const sources = ['src', 'middleware'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(join(folder, name))),
  );
  const words = new Set(sources.flatMap((text) => text.match(/[\w-]+/g) ?? []));

  it('are findings, codes, options and settings that the code knows', () => {
    const names = code.filter((text) => /^[a-z]+(?:-[a-z]+)+$|^ERR_\w+$|^[a-z]+(?:\.[a-z]+)*[A-Z]\w*$/.test(text));
    expect(names.length).toBeGreaterThan(30);
    const parts = names.flatMap((name) => name.split('.').map((part) => [name, part] as const));
    const foreign = ['cognito-cutover', 'signInCaseSensitive'];
    expect(parts.filter(([, part]) => !words.has(part) && !foreign.includes(part)).map(([name]) => name)).toEqual([]);
  });
});

function flagsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag);
}

/** Of a verifier, as its type declares them. */
function methodNames(): string[] {
  const [, body = ''] = /interface CutoverVerifier \{([\s\S]*?)\n\}/.exec(read('src/verify/types.ts')) ?? [];
  return [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name = '']) => name);
}
