import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMON_OPTIONS } from '../../../src/cli/options/common.js';
import { readOptions } from '../../../src/cli/options/read-options.js';
import { dateOption, VERIFIER_OPTIONS, verifierOptions } from '../../../src/cli/options/verifier-options.js';
import { folder } from '../../support/folder.js';
import { issuerKey } from '../../support/issuer.js';

const settingsOf = (values: object, given: Record<string, string[]> = {}) =>
  readOptions(given, { path: 'c.json', values: values as Record<string, unknown> })(VERIFIER_OPTIONS);
const optionsOf = (...args: Parameters<typeof settingsOf>) => verifierOptions(settingsOf(...args));
const pool = (more: object = {}) => ({ userPoolId: 'eu-west-1_New', clientIds: ['a'], ...more });

describe('pools in the config file', () => {
  it('hold what a verifier is told, as it has it', async () => {
    const newPool = pool({ audience: 'orders', tokenUse: 'id', clientAliases: { a: 'b' } });
    const legacyPool = [
      pool({ userPoolId: 'eu-west-1_Old', clientIds: null, region: 'eu-west-1' }),
      pool({ userPoolId: 'eu-west-1_Older' }),
    ];
    expect(await optionsOf({ newPool, legacyPool })).toMatchObject({
      newPool,
      legacyPool: [
        { userPoolId: 'eu-west-1_Old', clientIds: null },
        { userPoolId: 'eu-west-1_Older', clientIds: ['a'] },
      ],
    });
    expect(JSON.stringify(await optionsOf({ legacyPool }))).not.toContain('region');
  });

  it('are ids to commands that verify nothing', () => {
    const file = {
      path: 'c.json',
      values: { newPool: pool(), legacyPool: pool({ userPoolId: 'eu-west-1_Old', profile: 'p' }) },
    };
    expect(readOptions({}, file)(COMMON_OPTIONS)).toMatchObject({
      newPool: 'eu-west-1_New',
      legacyPool: [{ userPoolId: 'eu-west-1_Old', profile: 'p' }],
    });
  });

  it('may have their keys in a file', async () => {
    const path = join(folder(), 'jwks.json');
    const keys = { keys: [issuerKey('k').jwk] };
    writeFileSync(path, JSON.stringify(keys));
    expect((await optionsOf({ newPool: pool({ jwks: path }) })).newPool?.jwks).toEqual(keys);
    expect((await optionsOf({ newPool: pool({ jwks: keys }) })).newPool?.jwks).toEqual(keys);
    writeFileSync(path, '{}');
    await expect(optionsOf({ newPool: pool({ jwks: path }) })).rejects.toThrow(
      /^newPool.jwks: .* not a usable key set/,
    );
  });

  it.each([
    [{ newPool: pool({ clientIds: undefined, secret: 1 }) }, /newPool: unknown secret/],
    [{ newPool: { clientIds: ['a'] } }, /newPool: userPoolId: expected a user pool id/],
    [{ newPool: pool({ region: 'eu-west-1' }) }, /newPool: unknown region/],
    [{ legacyPool: pool({ region: 7 }) }, /legacyPool: region: expected/],
  ])('refuses %j', (values, message) => {
    expect(() => settingsOf(values)).toThrow(message);
  });
});

describe('the same said twice', () => {
  it.each([
    [
      { newPool: pool() },
      { newClients: ['b'] },
      /^--new-clients: cannot be given together with clientIds of the new pool/,
    ],
    [{ legacyPool: pool({ issuers: ['i'] }) }, { legacyIssuers: ['j'] }, /^--legacy-issuers/],
    [{ newPool: pool({ audience: 'x' }) }, { audience: ['y'] }, /^--audience/],
    [{ newPool: pool(), legacyId: { format: 'uuid' } }, { legacyIdFormat: ['any'] }, /^--legacy-id-format/],
    [{ newPool: pool(), legacyId: { idTokenClaim: 'a' } }, { attribute: ['custom:b'] }, /^--attribute/],
    [
      { newPool: pool(), legacyTokens: { acceptUntil: '2026-01-01' } },
      { acceptUntil: ['2027-01-01'] },
      /^--accept-until/,
    ],
  ])('differently is refused: %j %j', async (values, given, message) => {
    await expect(optionsOf(values, given as never)).rejects.toThrow(message);
  });

  it('alike is not', async () => {
    const legacyId = { onMissing: 'own-sub', resolve: 'GetUser', format: 'u-.+' };
    const values = { newPool: pool(), legacyId, legacyTokens: { acceptUntil: '2026-01-01' } };
    const given = { onMissing: ['own-sub'], legacyIdFormat: ['u-.+'], acceptUntil: ['2026-01-01T00:00Z'] };
    expect(await optionsOf(values, given)).toMatchObject({
      legacyId: { onMissing: 'own-sub', format: /u-.+/ },
      legacyTokens: { acceptUntil: new Date('2026-01-01') },
    });
  });
});

it('any clients, and ids of any form, are said on purpose', async () => {
  const given = { newClients: ['any'], legacyIdFormat: ['any'] };
  const { newPool, legacyId } = await optionsOf({ newPool: 'eu-west-1_New' }, given);
  expect([newPool?.clientIds, legacyId?.format]).toEqual([null, null]);
  const inFile = await optionsOf({ newPool: 'eu-west-1_New', newClients: null, legacyId: { format: null } });
  expect([inFile.newPool?.clientIds, inFile.legacyId?.format]).toEqual([null, null]);
});

describe('a time', () => {
  it.each([
    ['2026-06-30', '2026-06-30T00:00:00.000Z'],
    ['2026-06-30T12:00Z', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30T12:00:00+02:00', '2026-06-30T10:00:00.000Z'],
    ['1782820800', '2026-06-30T12:00:00.000Z'],
    [1782820800, '2026-06-30T12:00:00.000Z'],
  ])('is %j', (given, expected) => {
    expect(dateOption('--accept-until', given).toISOString()).toBe(expected);
  });

  it.each([
    ...['soon', '2027', 2027, '5', 'may 5', '2026-6-3', '2026-02-31', '2026-06-30 12:00', '', null],
    // What these mean would depend on the machine.
    '2026-06-30T12:00:00',
    // JSON may hold what cannot be turned into a text.
    { toString: 1, valueOf: null },
  ])('is not %j', (given) => {
    expect(() => dateOption('--accept-until', given)).toThrow(/^--accept-until: expected a date like/);
  });
});
