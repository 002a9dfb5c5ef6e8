import { expect, it } from 'vitest';
import { examplesText, helpWidth } from '../../src/cli/help.js';
import { Screenful } from './support.js';

it.each<[string, Screenful, Record<string, string>, number]>([
  ['the terminal has', new Screenful(true, 100), {}, 100],
  ['COLUMNS says', new Screenful(true, 100), { COLUMNS: '60' }, 60],
  ['the terminal has, where COLUMNS says nothing', new Screenful(true, 100), { COLUMNS: '' }, 100],
  ['a screen has, where nothing is known', Object.assign(new Screenful(), { columns: undefined }), {}, 80],
])('help is as wide as %s', (_, stdout, env, width) => {
  expect(helpWidth(stdout, env)).toBe(width);
});

it('breaks examples as a shell reads them, and keeps an option with its value', () => {
  expect(examplesText(['cognito-cutover plan --rps 20 --json > plan.json'], 36)).toBe(
    `
Examples:
  $ cognito-cutover plan --rps 20 \\
      --json > plan.json
`,
  );
});
