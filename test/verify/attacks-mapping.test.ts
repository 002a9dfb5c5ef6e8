import { describe, expect, it } from 'vitest';
import * as target from '../support/attack-target.js';
import { signToken } from '../support/issuer.js';
import { outcome, outcomeSync } from '../support/outcome.js';

const {
  accessClaims,
  header,
  idClaims,
  judgeClaims: judge,
  LEGACY_ID,
  legacyAccessClaims,
  legacyIdClaims,
  machineClaims,
  SUB,
} = target;
const ABSENT = undefined;

describe('the mapping claim', () => {
  const WRONG = 'ERR_LEGACY_ID_INVALID';
  const values = [null, '', ' ', 0, 1, true, {}, [], [LEGACY_ID], { id: LEGACY_ID }, `${LEGACY_ID}\n`, ` ${LEGACY_ID}`];
  const texts = [
    `${LEGACY_ID} `,
    `{${LEGACY_ID}}`,
    `urn:uuid:${LEGACY_ID}`,
    LEGACY_ID.slice(1),
    `${LEGACY_ID}0`,
    SUB + SUB,
  ];
  const tricks = [
    `${LEGACY_ID}\u0000`,
    `x\n${LEGACY_ID}\ny`,
    'undefined',
    'null',
    '__proto__',
    LEGACY_ID.replaceAll('-', ''),
  ];

  it.each([...values, ...texts, ...tricks])('%j is never taken for missing', async (value) => {
    let asked = 0;
    const legacyId = {
      onMissing: 'own-sub',
      resolve: () => {
        asked += 1;
        return LEGACY_ID;
      },
    } as const;
    expect(await judge({ ...accessClaims, legacy_sub: value }, { legacyId })).toBe(WRONG);
    expect(await judge({ ...idClaims, 'custom:legacy_sub': value }, { legacyId })).toBe(WRONG);
    expect(asked).toBe(0);
  });

  it('of a custom format has to match as a whole, time after time', async () => {
    const options = (format: RegExp | null) => ({ legacyId: { format } });
    const mapped = (id: string) => ({ ...accessClaims, legacy_sub: id });
    for (const format of [/u\d+/, /u\d+/g, /u\d+/y, /^u\d+$/m, /x|u\d+/]) {
      for (let round = 0; round < 3; round += 1) expect(await judge(mapped('u1'), options(format))).toBe('claim:u1');
      for (const id of ['u1x', 'xu1', 'u1\nu2', 'u1\n', ''])
        expect(await judge(mapped(id), options(format))).toBe(WRONG);
    }
    expect(await judge(mapped('anything'), options(null))).toBe('claim:anything');
    expect(await judge(mapped(''), options(null))).toBe(WRONG);
  });

  it('in a legacy token is ignored, whatever it says', async () => {
    for (const value of [...values, ...tricks, LEGACY_ID]) {
      const claims = { legacy_sub: value, 'custom:legacy_sub': value };
      expect(await judge({ ...legacyAccessClaims, ...claims })).toBe(`sub:${SUB}`);
      expect(await judge({ ...legacyIdClaims, ...claims })).toBe(`sub:${SUB}`);
    }
  });

  it('is read where the kind of token has it, and nowhere else', async () => {
    const { legacy_sub: _access, ...access } = accessClaims;
    const { 'custom:legacy_sub': _id, ...id } = idClaims;
    const writable = {
      email: LEGACY_ID,
      preferred_username: LEGACY_ID,
      name: LEGACY_ID,
      identities: [{ userId: LEGACY_ID }],
    };
    const MISSING = 'ERR_LEGACY_ID_MISSING';
    expect(await judge({ ...access, 'custom:legacy_sub': LEGACY_ID, ...writable, username: LEGACY_ID })).toBe(MISSING);
    expect(await judge({ ...id, legacy_sub: LEGACY_ID, ...writable, 'cognito:username': LEGACY_ID })).toBe(MISSING);
    expect(await judge({ ...id, 'Custom:legacy_sub': LEGACY_ID, 'custom:Legacy_sub': LEGACY_ID })).toBe(MISSING);
  });
});

describe('tokens that look like a machine', () => {
  const { legacy_sub: _, ...unmapped } = accessClaims;
  const MISSING = 'ERR_LEGACY_ID_MISSING';
  it.each([
    ['a user with the client id as sub', { ...unmapped, sub: 'newclient' }, MISSING],
    [
      'a user with the client id as sub and an empty username',
      { ...unmapped, sub: 'newclient', username: '' },
      MISSING,
    ],
    ['a user without a username', { ...unmapped, username: ABSENT }, MISSING],
    ['a null username', { ...unmapped, sub: 'newclient', username: null }, 'ERR_CLAIM_INVALID'],
    [
      'an ID token with the client id as sub',
      { ...idClaims, sub: 'newclient', 'cognito:username': ABSENT, 'custom:legacy_sub': ABSENT },
      MISSING,
    ],
    ['a machine that says who it is', { ...machineClaims, legacy_sub: LEGACY_ID }, 'client:newclient'],
    ['a machine that says rubbish', { ...machineClaims, legacy_sub: [1] }, 'client:newclient'],
  ])('%s', async (_name, claims, expected) => {
    expect(await judge(claims)).toBe(expected);
  });
});

describe('a resolver that misbehaves', () => {
  const { legacy_sub: _, ...unmapped } = accessClaims;
  const UNAVAILABLE = 'ERR_LEGACY_ID_UNAVAILABLE';
  const boom = () => {
    throw new Error('down');
  };
  const faults: Readonly<Record<string, [() => unknown, string]>> = {
    throws: [boom, UNAVAILABLE],
    'throws undefined': [() => Promise.reject(undefined), UNAVAILABLE],
    rejects: [async () => boom(), UNAVAILABLE],
    'never answers': [() => new Promise(() => {}), UNAVAILABLE],
    'answers with a thenable that throws': [() => Object.defineProperty({}, 'then', { value: boom }), UNAVAILABLE],
    'answers a number': [async () => 7, 'ERR_LEGACY_ID_INVALID'],
    'answers an object': [async () => ({ id: LEGACY_ID }), 'ERR_LEGACY_ID_INVALID'],
    'answers an empty text': [async () => '', 'ERR_LEGACY_ID_INVALID'],
    'answers no uuid': [() => 'rubbish', 'ERR_LEGACY_ID_INVALID'],
    'answers false': [async () => false, 'ERR_LEGACY_ID_INVALID'],
  };
  it.each(Object.entries(faults))('%s: nobody gets in, also not as themselves', async (_name, [resolve, code]) => {
    const legacyId = { resolve: resolve as () => string, resolveTimeoutMs: 20, onMissing: 'own-sub' } as const;
    const token = signToken(header(), unmapped, target.newKey);
    const verifier = target.targetVerifier({ legacyId });
    for (let round = 0; round < 3; round += 1) expect(await outcome(verifier, token)).toBe(code);
    expect(outcomeSync(verifier, token)).toMatch(/^ERR_LEGACY_ID_(UNAVAILABLE|INVALID)$/);
    expect(await outcome(verifier, signToken(header(), accessClaims, target.newKey))).toMatchObject({
      userId: LEGACY_ID,
    });
  });
});
