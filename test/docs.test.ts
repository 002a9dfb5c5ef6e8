import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anchorsOf, blocksOf, PAGES, textOf } from './support/doc-blocks.js';
import { docProgram } from './support/doc-program.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pages = [...PAGES, 'CHANGELOG.md'];

const blocks = (page: string, language: string) =>
  blocksOf(page)
    .filter((block) => block.language === language)
    .map(({ code }) => code);

const manifest = JSON.parse(textOf('package.json')) as {
  scripts: Record<string, string>;
  files: string[];
  homepage: string;
  bugs: string;
  repository: { url: string };
};
const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

describe('code in the documentation', () => {
  it('type-checks against the built package', () => {
    const { folder, files, args } = docProgram(root, 'module');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(files.length).toBeGreaterThan(60);
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    expect(runOutput(() => run(tsc, '--skipLibCheck', ...args))).toBe('');
  });

  it('proposes the mapping attribute with all the room there is, for a limit can never be raised', () => {
    const places = ['README.md', 'docs', 'examples', 'src', 'scripts'].flatMap((place) =>
      place.endsWith('.md')
        ? [place]
        : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
            .filter((name) => /\.(?:md|mjs|ts|ya?ml|json)$/.test(name) && !/node_modules|dist/.test(name))
            .map((name) => join(place, name)),
    );
    const texts = places.map((place) => [place, textOf(place)] as const);
    const lengths = texts.flatMap(([place, text]) =>
      [...text.matchAll(/MaxLength["']?[:=]\s*["']?(\d+)/g)].map(([, length]) => `${place}: ${length}`),
    );
    expect(lengths.filter((length) => !length.endsWith(': 2048'))).toEqual([]);
    const definitions = texts.flatMap(([place, text]) =>
      [...text.matchAll(/legacy_sub\W{1,4}\s*AttributeDataType[^}]*/g)].map(
        ([definition]) => `${place}: ${definition}`,
      ),
    );
    expect(definitions.length).toBeGreaterThan(3);
    expect(definitions.filter((definition) => !/MaxLength\W+2048/.test(definition))).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const named = pages.flatMap((page) => [
      ...blocks(page, 'sh')
        .join('\n')
        .matchAll(/npm (?:run )?([\w:-]+)/g),
    ]);
    const scripts = named
      .map(([, script = '']) => script)
      .filter((script) => !['ci', 'install', 'init', 'pkg', 'start', 'i', '--'].includes(script));
    expect(scripts).toContain('demo');
    expect(scripts.filter((script) => manifest.scripts[script] === undefined)).toEqual([]);
  });
});

describe('the map of the tree in CONTRIBUTING', () => {
  const tree = ['src', 'middleware', 'test', 'docs', '.ci'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const isPath = (word: string) => /^\.?[a-z][\w./*-]*(?:\/|\.ts)$/.test(word) && !/\b[ab](?:\.test)?\.ts$/.test(word);
  /** Files, and folders, of this name; a suite is named without its ending. */
  const found = (path: string) => {
    const name = new RegExp(
      `^${path.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(?:\\.test\\.ts)?$`,
    );
    return tree.concat('src', 'middleware', 'test').filter((one) => name.test(one));
  };

  /** Each path with where it may stand: at the root, in the section's folder, or beside the paths before it in its line. */
  function named(): { path: string; standsAt: readonly string[] }[] {
    let section = 'src/';
    let isFenced = false;
    let isDiagram = false;
    return textOf('CONTRIBUTING.md')
      .split('\n')
      .flatMap((line) => {
        if (line.startsWith('#')) section = /`([^`]+\/)`/.exec(line)?.[1] ?? 'src/';
        if (line.startsWith('```')) {
          isFenced = !isFenced;
          isDiagram = isFenced && line === '```';
        }
        const quoted = [...line.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
        const isSuites = line.startsWith('| `test/');
        const words = isDiagram ? line.split(/\s+/) : quoted.flatMap((word) => word.split(' '));
        const folders = ['', section];
        return words
          .map((word) => word.replace(/:$/, ''))
          .filter((word) => isPath(word) || (isSuites && /^[a-z-]+(?:\.long|\*)?$/.test(word) && quoted.includes(word)))
          .map((path) => {
            const standsAt = folders.map((folder) => join(folder, path)).filter((one) => found(one).length > 0);
            folders.push(...standsAt.map((one) => (one.endsWith('/') ? one : `${dirname(one)}/`)));
            return { path, standsAt };
          });
      });
  }

  it('leads to files and folders that exist', () => {
    expect(named().length).toBeGreaterThan(120);
    expect(named().filter(({ standsAt }) => standsAt.length === 0)).toEqual([]);
  });

  it('names every folder with source, but for the parts of a command or a file format', () => {
    const folders = new Set(
      tree.filter((one) => /^(?:src|middleware)\//.test(one) && one.endsWith('.ts')).map((one) => `${dirname(one)}/`),
    );
    const places = named().flatMap(({ standsAt }) =>
      standsAt.map((one) => (one.endsWith('/') ? one : `${dirname(one)}/`)),
    );
    const inside = (folder: string) => /^src\/(?:cli\/commands|migrate\/csv)\//.exec(folder)?.[0];
    expect([...folders].filter((folder) => !places.includes(inside(folder) ?? folder))).toEqual([]);
  });
});

const repository = 'https://github.com/cognito-cutover/cognito-cutover';
const HERE = new RegExp(`^${repository}/(?:blob|tree)/main/`);
const packed = ['README.md', 'LICENSE', 'package.json', ...manifest.files];
const isPacked = (path: string) => packed.some((one) => path === one || path.startsWith(`${one}/`));

/** The links of a page: their text, the file that they lead to, if it is one of this repository, and the heading there. */
function linksOf(page: string) {
  const links = [...textOf(page).matchAll(/\]\((?!mailto:)([^)#]*)(?:#([^)]+))?\)/g)];
  return links.flatMap(([, target = '', anchor]) => {
    const isHere = HERE.test(target);
    if (!isHere && /^https?:/.test(target)) return [];
    const path = isHere ? target.replace(HERE, '') : target === '' ? page : join(dirname(page), target);
    return [{ link: anchor === undefined ? target : `${target}#${anchor}`, path, anchor, isRelative: !isHere }];
  });
}

describe('links in the documentation', () => {
  it.each(pages)('%s leads to files that exist', (page) => {
    const broken = linksOf(page).filter(({ path }) => !existsSync(join(root, path)));
    expect(broken.map(({ link }) => link)).toEqual([]);
  });

  it.each(pages)('%s leads to headings that exist', (page) => {
    const broken = linksOf(page).filter(
      ({ path, anchor }) => anchor !== undefined && !anchorsOf(path).includes(anchor),
    );
    expect(broken.map(({ link }) => link)).toEqual([]);
  });

  // npm shows it at an address of its own, where nothing of this repository stands beside it.
  it('of the README are whole addresses, or lead to the README itself', () => {
    const relative = linksOf('README.md').filter(({ path, isRelative }) => isRelative && path !== 'README.md');
    expect(relative.map(({ link }) => link)).toEqual([]);
  });

  it.each(pages.filter(isPacked))('%s leads, by a relative link, only to what is installed with it', (page) => {
    const outside = linksOf(page).filter(({ path, isRelative }) => isRelative && !isPacked(path));
    expect(outside.map(({ link }) => link)).toEqual([]);
  });

  it('lead to the repository that the package names', () => {
    expect(manifest.repository.url).toBe(`git+${repository}.git`);
    expect(manifest.homepage).toBe(`${repository}#readme`);
    expect(manifest.bugs).toBe(`${repository}/issues`);
  });
});

/** What a command prints, its complaint included. */
function runOutput(command: () => string): string {
  try {
    return command();
  } catch (error) {
    return (error as { readonly stdout?: string }).stdout ?? String(error);
  }
}
