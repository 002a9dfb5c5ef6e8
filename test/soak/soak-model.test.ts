import { describe, expect, it } from 'vitest';
import { type Credential, isOneOf, type Kind, lookedUp, type Period, rightAnswers } from './soak-model.js';

const NOW = 1_800_000_000_000;
const EVEN = 'a1b2c3d4-0000-4000-8000-000000000002';
const ODD = 'a1b2c3d4-0000-4000-8000-000000000003';
const of = (kind: Kind, given: Partial<Credential> = {}): Credential => ({
  kind,
  side: 'new',
  userId: 'u',
  sub: EVEN,
  authorization: ['Bearer x'],
  ...given,
});

interface Case {
  hasResolver?: boolean;
  periods?: Period[];
  withdrawnBelow?: { legacy: number; new: number };
  times?: [number, number];
}
const codes = (credential: Credential, given: Case = {}) => {
  const { hasResolver = true, periods = [], withdrawnBelow = { legacy: 0, new: 0 }, times = [NOW, NOW + 10] } = given;
  const right = rightAnswers(credential, { hasResolver }, { periods, withdrawnBelow }, times);
  return right.map(({ status, code, userId }) => code ?? `${status} ${userId}`).sort();
};
const keys: Period = { what: 'keys:new', from: NOW, until: NOW + 1000 };
const source: Period = { what: 'source', from: NOW, until: NOW + 1000 };

describe('the right answer', () => {
  it.each<[Kind, string]>([
    ['hot', '200 u'],
    ['machine', '200 u'],
    ['revoked', 'ERR_TOKEN_REVOKED'],
    ['tampered', 'ERR_SIGNATURE_INVALID'],
    ['unknown-kid', 'ERR_KEY_NOT_FOUND'],
    ['foreign', 'ERR_ISSUER_NOT_TRUSTED'],
    ['garbage', 'ERR_TOKEN_MALFORMED'],
    ['missing', 'ERR_TOKEN_MISSING'],
    ['repeated', 'ERR_CREDENTIALS_AMBIGUOUS'],
  ])('to %s is one', (kind, code) => {
    expect(codes(of(kind))).toEqual([code]);
  });

  it('changes when a token expires, and either is right while it does', () => {
    const short = of('short', { expiresAt: NOW / 1000 });
    expect(codes(short, { times: [NOW - 20, NOW - 10] })).toEqual(['200 u']);
    expect(codes(short, { times: [NOW - 20, NOW + 10] })).toEqual(['200 u', 'ERR_TOKEN_EXPIRED']);
    expect(codes(short, { times: [NOW + 1, NOW + 10] })).toEqual(['ERR_TOKEN_EXPIRED']);
  });

  it('for a user without a legacy id depends on the source', () => {
    expect(codes(of('unmapped'))).toEqual([`200 ${lookedUp(EVEN)}`]);
    expect(codes(of('unmapped', { sub: ODD }))).toEqual(['ERR_LEGACY_ID_MISSING']);
    expect(codes(of('unmapped'), { hasResolver: false, periods: [source] })).toEqual(['ERR_LEGACY_ID_MISSING']);
    expect(codes(of('unmapped'), { periods: [source] })).toContain('ERR_LEGACY_ID_UNAVAILABLE');
    expect(codes(of('hot'), { periods: [source] })).toEqual(['200 u']);
  });

  it('is uncertain only while keys are', () => {
    expect(codes(of('hot'), { periods: [keys] })).toEqual(['200 u', 'ERR_KEYS_UNAVAILABLE', 'ERR_KEY_NOT_FOUND']);
    expect(codes(of('hot', { side: 'legacy' }), { periods: [keys] })).toEqual(['200 u']);
    expect(codes(of('hot'), { periods: [keys], times: [NOW + 1001, NOW + 1002] })).toEqual(['200 u']);
    expect(codes(of('hot'), { periods: [keys], times: [NOW - 10, NOW - 5] })).toEqual(['200 u']);
  });

  it('to a token of a withdrawn key is a refusal', () => {
    const withdrawnBelow = { legacy: 0, new: 2 };
    expect(codes(of('hot', { generation: 1 }), { withdrawnBelow })).toEqual(['ERR_KEY_NOT_FOUND']);
    expect(codes(of('hot', { generation: 2 }), { withdrawnBelow })).toEqual(['200 u']);
  });
});

it('an answer for another user, or of another pool, is not right', () => {
  const right = [{ status: 200, userId: 'u', pool: 'new' }];
  expect(isOneOf({ status: 200, userId: 'u', pool: 'new' }, right)).toBe(true);
  expect(isOneOf({ status: 200, userId: 'v', pool: 'new' }, right)).toBe(false);
  expect(isOneOf({ status: 200, userId: 'u', pool: 'legacy' }, right)).toBe(false);
});
