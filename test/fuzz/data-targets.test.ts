import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folder } from '../support/folder.js';
import { CommandProcess } from './data/command-process.js';
import { assertWellEnded } from './data/command-run.js';
import { recordsByHand } from './data/csv-files.js';
import { Evidence } from './data/evidence-model.js';
import { changed } from './data/json-mutants.js';
import { DATA_TARGETS } from './data-targets.js';

/** How many inputs of each take a moment. */
const CHEAP: readonly (readonly [name: string, inputs: number])[] = [
  ...(['csv', 'shared-stores', 'cli-config', 'published-values', 'handover-events'] as const).map(
    (name) => [name, 50] as const,
  ),
  ...(['control-values', 'assess-snapshots', 'provider-map'] as const).map((name) => [name, 30] as const),
  ...(['import-header', 'environment'] as const).map((name) => [name, 8] as const),
];

describe('the targets of data', () => {
  it('have names of their own', () => {
    const names = DATA_TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  // A number of inputs, and no time: a busy machine may not get to the first one within a second.
  it.each(CHEAP)('%s holds for a few inputs', async (name, inputs) => {
    const session = await DATA_TARGETS.find((one) => one.name === name)?.start();
    if (session === undefined) throw new Error(`there is no target ${name}`);
    try {
      for (const input of fc.sample(session.input, { numRuns: inputs, seed: 1 })) await session.check(input);
    } finally {
      await session.close?.();
    }
  });
});

it('a command that hangs is ended, and the next one runs', async () => {
  const path = join(folder(), 'config.json');
  execFileSync('mkfifo', [path]);
  const commands = new CommandProcess();
  try {
    // Opening a named pipe waits for its other end, for ever.
    await expect(commands.run(['plan', '--config', path], 1000)).rejects.toThrow(/hung/);
    expect(await commands.run(['--help'])).toMatchObject({ ending: 'done' });
  } finally {
    await commands.close();
  }
});

describe('what the targets compare with', () => {
  const update = (Username: string, Value: string, Name = 'custom:legacy_sub') => ({
    ...{ UserPoolId: 'new', Username, UserAttributes: [{ Name, Value }] },
  });

  const user = (username: string, sub: string, email: string, verified = 'true') => ({
    Username: username,
    Attributes: Object.entries({ sub, email, email_verified: verified }).map(([Name, Value]) => ({ Name, Value })),
  });

  function shown(verified = 'true'): Evidence {
    const evidence = new Evidence('old', 'new', 'custom:legacy_sub');
    evidence.begin('apply');
    evidence.show('ListUsers', { UserPoolId: 'old' }, { Users: [user('ann', 's1', 'ann@example.com')] });
    evidence.show('ListUsers', { UserPoolId: 'new' }, { Users: [user('ann', 'n1', 'Ann@example.com', verified)] });
    return evidence;
  }

  it('takes a write that a verified address proves', () => {
    expect(shown().against('AdminUpdateUserAttributes', update('ann', 's1'))).toBeUndefined();
  });

  it.each([
    ['of another value', update('ann', 's2'), 'true'],
    ['to another user', update('bob', 's1'), 'true'],
    ['of another attribute', update('ann', 's1', 'email'), 'true'],
    ['on an address that is not verified', update('ann', 's1'), 'false'],
    ['to another pool', { ...update('ann', 's1'), UserPoolId: 'old' }, 'true'],
  ])('finds a write %s', (_, input, verified) => {
    expect(shown(verified).against('AdminUpdateUserAttributes', input)).toMatch(/a write/);
  });

  it.each([
    ['a crash', { ending: 'unavailable', stdout: '{"error":{"code":"ERR_UNEXPECTED"}}', stderr: 'error: x' }],
    ['a stack trace', { ending: 'usage', stdout: '', stderr: 'error: x\n    at run (/a/b.ts:1:2)' }],
    ['a private value', { ending: 'done', stdout: 'canary.kestrel@wren-private.example', stderr: '' }],
    ['a failure without a reason', { ending: 'usage', stdout: '', stderr: '' }],
  ] as const)('finds %s in what a command printed', (_, run) => {
    expect(() => assertWellEnded('plan', run)).toThrow();
  });

  it('reads CSV by hand, and says nothing of quotes that do not match', () => {
    expect(recordsByHand('a,"b ""c"", d"\r\n\r\n"e\n",f\n', ',')).toEqual([
      ['a', 'b "c", d'],
      ['e\n', 'f'],
    ]);
    expect(recordsByHand('a,"b\n', ',')).toBeUndefined();
    expect(recordsByHand('a"b,c\n', ',')).toBeUndefined();
  });

  it('changes a copy, at one place', () => {
    const original = { a: [1, 2], b: { c: 'x' } };
    expect(changed(original, { at: 1, how: 'replace', value: null })).toEqual({ a: [null, 2], b: { c: 'x' } });
    expect(changed(original, { at: 4, how: 'delete', value: 0 })).toEqual({ a: [1, 2], b: {} });
    expect(original).toEqual({ a: [1, 2], b: { c: 'x' } });
  });
});
