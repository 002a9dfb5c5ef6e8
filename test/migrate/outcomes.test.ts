import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OUTCOMES } from '../../src/migrate/outcomes.js';
import { runPlan } from '../../src/migrate/plan.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory } from './support/fake-directory.js';
import { state } from './support/workspace.js';

it('are those that the documentation explains, in its order', () => {
  const page = readFileSync(new URL('../../docs/sync-script.md', import.meta.url), 'utf8');
  const [, table = ''] = /\n\| outcome \|.*\n\| ?-.*\n((?:\|.*\n)+)/i.exec(page) ?? [];
  const documented = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(documented).toEqual(OUTCOMES);
});

it('are all in the result of a plan, also those of nobody', async () => {
  const [legacy, newPool] = [new FakeDirectory('old_1'), new FakeDirectory('new_1')];
  const { outcomes } = await runPlan({ state: state(), legacyPools: [legacy], newPool, clock: new AutoClock() });
  expect(Object.entries(outcomes)).toEqual(OUTCOMES.map((outcome) => [outcome, 0]));
});
