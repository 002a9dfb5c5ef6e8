import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { formatSnapshot, parseSnapshot } from '../../../src/assess/snapshot/snapshot-file.js';
import { ConfigurationError } from '../../../src/errors.js';
import { pair } from '../pools.js';

const unknown = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;

/** The file of a good pair with one member set, or taken away with `undefined`. */
function changed(path: string, value: unknown): string {
  const file = JSON.parse(formatSnapshot(pair()));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((node, key) => node[key], file);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(file);
}

function refusal(content: string): string {
  try {
    parseSnapshot('--snapshot', content);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('was not refused');
}

describe('a snapshot file', () => {
  it.each<[string, Snapshot]>([
    ['a pair', pair()],
    ['a legacy pool alone', { ...pair(), new: null }],
    ['several legacy pools', { ...pair(), legacy: [...pair().legacy, ...pair().legacy] }],
    ['parts that could not be read', { ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, users: unknown })) }],
  ])('brings back %s', (_what, snapshot) => {
    expect(parseSnapshot('--snapshot', formatSnapshot(snapshot))).toEqual(snapshot);
  });

  it.each([
    ['no JSON', '{', '--snapshot: is not JSON'],
    ['another kind of file', '{"version":1}', 'is not a snapshot'],
    ['an array', '[]', 'is not a snapshot'],
    ['a newer version', changed('version', 3), 'expected a snapshot of version 2'],
    ['an older version', changed('version', 1), 'expected a snapshot of version 2'],
    ['no pools', changed('legacy', []), '--snapshot.legacy: expected at least one pool'],
    ['no new pool', changed('new', undefined), '--snapshot.new: expected an object, got undefined'],
    [
      'a number that is text',
      changed('legacy.0.users.value.total', '7'),
      '--snapshot.legacy[0].users.value.total: expected a whole number of at least 0, got "7"',
    ],
    ['a time that is none', changed('takenAt', 9e15), '--snapshot.takenAt: expected milliseconds since the epoch'],
    ['a negative count', changed('legacy.0.users.value.disabled', -1), 'users.value.disabled: expected a whole number'],
    [
      'a count by name that is none',
      changed('legacy.0.users.value.byStatus', { CONFIRMED: 1.5 }),
      'byStatus.CONFIRMED',
    ],
    [
      'a member left out',
      changed('new.settings.value.deletionProtection', undefined),
      '--snapshot.new.settings.value.deletionProtection: expected true or false, got undefined',
    ],
    ['a member too much', changed('new.settings.value.users', []), 'settings.value.users: is not part of this format'],
    ['a word of another list', changed('new.settings.value.mfa', 'MAYBE'), "expected 'OFF' or 'OPTIONAL' or 'ON'"],
    ['a client that is none', changed('new.clients.value', [7]), 'clients.value[0]: expected an object, got 7'],
    ['a mapping of the wrong kind', changed('new.providers.value.0.attributeMapping', { a: 1 }), 'attributeMapping.a'],
    ['a part in between', changed('new.users.known', 'perhaps'), "new.users.known: expected 'yes'"],
    ['an unread part with a value', changed('new.users', { ...unknown, value: 1 }), 'users.value: is not part'],
  ])('refuses %s', (_what, content, message) => {
    expect(refusal(content)).toContain(message);
  });

  it('takes names that mean something to JavaScript as names', () => {
    const content = changed('legacy.0.users.value.byProvider', {}).replace(
      '"byProvider":{}',
      '"byProvider":{"__proto__":3,"constructor":4}',
    );
    const { legacy } = parseSnapshot('--snapshot', content);
    const users = legacy[0]?.users;
    expect(users?.known === 'yes' && Object.entries(users.value.byProvider)).toEqual([
      ['__proto__', 3],
      ['constructor', 4],
    ]);
  });
});
