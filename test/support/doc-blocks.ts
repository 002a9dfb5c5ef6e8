import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page of the documentation, relative to the root. */
export const PAGES: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'examples'))
    .map((name) => `examples/${name}/README.md`)
    .filter((page) => existsSync(join(root, page))),
];

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** A fenced block of code. Those in lists are indented in the page, but not in `code`. */
export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  /** '' where the fence names none. */
  readonly language: string;
  readonly code: string;
}

const FENCE = /^( *)```([^\n`]*)\n([\s\S]*?)^ *```$/gm;

export function blocksOf(page: string): CodeBlock[] {
  const text = textOf(page);
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = '', 2: language = '', 3: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

export const ALL_BLOCKS: readonly CodeBlock[] = PAGES.flatMap(blocksOf);

/** The lines of a block for a shell, with continued lines as one. Comments at their ends are left out. */
export const linesOf = (code: string): string[] =>
  code
    .replaceAll(/ *\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '');

export const isCutoverCall = (line: string): boolean => /^(?:npx )?cognito-cutover /.test(line);

/** Everything in backquotes outside of fences, on one line each. */
export const inlineCodeOf = (page: string): string[] =>
  [
    ...textOf(page)
      .replaceAll(FENCE, '')
      .matchAll(/(`+)([\s\S]*?[^`])\1(?!`)/g),
  ].map(([, , code = '']) => code.replaceAll(/\s+/g, ' ').trim());

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** The anchors of the headings of a page. */
export const anchorsOf = (path: string): string[] =>
  [
    ...textOf(path)
      .replaceAll(FENCE, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) => anchorOf(heading));
