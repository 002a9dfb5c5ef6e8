import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { apiReference } from '../../scripts/api-reference.js';
import { PUBLIC_NAMES } from '../../scripts/public-names.js';
import { textOf } from '../support/doc-blocks.js';

const once = PUBLIC_NAMES.filter(({ name }, at) => PUBLIC_NAMES.findIndex((other) => other.name === name) === at);

it('docs/reference.md is made from the declarations: npm run docs:reference', () => {
  expect(textOf('docs/reference.md')).toBe(apiReference());
});

it('finds what is exported at run time, from every entry', async () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    exports: Record<string, string | { readonly import: { readonly default: string } }>;
  };
  for (const [subpath, entry] of Object.entries(exports)) {
    if (typeof entry === 'string') continue;
    const source = entry.import.default.replace(/^\.\/dist\/esm/, '../..').replace(/\.js$/, '.ts');
    const loaded = Object.keys((await import(source)) as object).sort();
    const found = PUBLIC_NAMES.filter((one) => one.subpath === `cognito-cutover${subpath.slice(1)}`);
    const values = found.filter(({ kind }) => kind !== 'interface' && kind !== 'type').map(({ name }) => name);
    expect(values.sort(), subpath).toEqual(loaded);
  }
});

it('every public name says what it is', () => {
  expect(once.length).toBeGreaterThan(180);
  expect(once.filter(({ comment }) => comment === '').map(({ name }) => name)).toEqual([]);
});

it('every option says what it means', () => {
  const options = once
    .filter(({ name }) => name.endsWith('Options'))
    .flatMap(({ name, members }) =>
      members.map((member) => ({ option: `${name}.${member.name}`, comment: member.comment })),
    );
  expect(options.length).toBeGreaterThan(150);
  expect(options.filter(({ comment }) => comment === '').map(({ option }) => option)).toEqual([]);
});
