import { describe, expect, it } from 'vitest';
import { checkAttribute } from '../../../src/migrate/preflight/attribute-check.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';

describe('a check of many app clients', () => {
  it('tells at once what it reads, and then how far it is', async () => {
    const clients = Array.from({ length: 80 }, (_, n) => ({
      ...{ clientId: `client${n}`, clientName: '', writeAttributes: ['email'], readAttributes: [] },
    }));
    const directory = new FakeDirectory('eu-west-1_New', { clients });
    const told: string[] = [];
    await checkAttribute({
      ...{ directory, attribute: 'custom:legacy_sub', longestValue: 36, clock: new AutoClock(), signal: undefined },
      allowWritableAttribute: false,
      warn: () => {},
      step: (what, count) => told.push(count === undefined ? what : `${what}: ${count.done} of ${count.total}`),
    });
    expect(told.slice(0, 2)).toEqual([
      'Reading the settings of eu-west-1_New',
      'Checking the app clients of eu-west-1_New: 0 of 80',
    ]);
    expect(told.at(-1)).toBe('Checking the app clients of eu-west-1_New: 79 of 80');
  });
});
