import { describe, expect, it } from 'vitest';
import { type Answer, faultOf, type TokenFacts, World } from './model.js';

const FOLLOWING = { planMs: 2_000, mappingMs: 1_000, recoveryMs: 3_000 };
const ANNA = 'the legacy id of anna';
const codes = (world: World, token: TokenFacts, at: number) =>
  world.expected(token, at, at).map((one) => (one.status === 200 ? 200 : one.code));

const legacy: TokenFacts = { kind: 'user', pool: 'legacy', userId: ANNA, signedInAt: 100, expiresAt: 200 };
const moved: TokenFacts = { ...legacy, pool: 'new', mapping: {} };

describe('what the scripted cutover expects of an API', () => {
  it('is the identity until the token expires', () => {
    const world = new World(FOLLOWING);
    expect(codes(world, legacy, 199_999)).toEqual([200]);
    expect(codes(world, legacy, 200_000)).toEqual(['ERR_TOKEN_EXPIRED']);
    expect(world.expected(legacy, 199_999, 200_000)).toHaveLength(2);
  });

  it('is either side of a new plan for as long as instances may take to read it', () => {
    const world = new World(FOLLOWING);
    world.plans.push({ to: { acceptUntil: 100_000 }, askedAt: 150_000, doneAt: 151_000 });
    expect(codes(world, legacy, 149_999)).toEqual([200]);
    expect(codes(world, legacy, 150_000)).toEqual([200, 'ERR_LEGACY_POOL_CLOSED']);
    expect(codes(world, legacy, 153_000)).toEqual([200, 'ERR_LEGACY_POOL_CLOSED']);
    expect(codes(world, legacy, 153_001)).toEqual(['ERR_LEGACY_POOL_CLOSED']);
  });

  it('is either side until the store answers again, where it fails before all have read the plan', () => {
    const world = new World(FOLLOWING);
    world.plans.push({ to: { acceptUntil: 100_000 }, askedAt: 150_000, doneAt: 151_000 });
    world.storeOutages.push({ from: 152_000, until: 160_000 });
    expect(codes(world, legacy, 162_000)).toEqual([200, 'ERR_LEGACY_POOL_CLOSED']);
    expect(codes(world, legacy, 162_001)).toEqual(['ERR_LEGACY_POOL_CLOSED']);
  });

  it('refuses people, and no machines, who signed in too late', () => {
    const world = new World(FOLLOWING);
    world.plans.push({ to: { acceptSignInsBefore: 99_000 }, askedAt: 0, doneAt: 0 });
    expect(codes(world, legacy, 150_000)).toEqual(['ERR_LEGACY_POOL_CLOSED']);
    expect(codes(world, { ...legacy, signedInAt: 99 }, 150_000)).toEqual([200]);
    expect(codes(world, { ...legacy, kind: 'machine' }, 150_000)).toEqual([200]);
    expect(codes(world, moved, 150_000)).toEqual(['ERR_LEGACY_ID_MISSING']);
  });

  it('knows when a user is published, and when that cannot be told', () => {
    const world = new World(FOLLOWING);
    const mapping = { published: { to: ANNA, askedAt: 110_000, doneAt: 110_500 } };
    const published: TokenFacts = { ...moved, mapping };
    world.storeOutages.push({ from: 130_000, until: 140_000 });
    expect(codes(world, published, 109_000)).toEqual(['ERR_LEGACY_ID_MISSING']);
    expect(codes(world, published, 111_500)).toEqual([200, 'ERR_LEGACY_ID_MISSING']);
    expect(codes(world, published, 111_501)).toEqual([200]);
    expect(codes(world, published, 143_000)).toEqual([200, 'ERR_LEGACY_ID_UNAVAILABLE']);
    expect(codes(world, published, 143_001)).toEqual([200]);
    expect(codes(world, { ...published, mapping: 'claim' }, 135_000)).toEqual([200]);
  });

  it('has the headers of RFC 9745 and RFC 8594 on answers to legacy tokens once that is announced', () => {
    const world = new World(FOLLOWING);
    world.plans.push({ to: { announceFrom: 120_000, acceptUntil: 190_000 }, askedAt: 0, doneAt: 0 });
    const identity = { status: 200, userId: ANNA, pool: 'legacy' };
    expect(world.expected(legacy, 119_999, 119_999)).toEqual([identity]);
    const headers = { deprecation: '@120', sunset: 'Thu, 01 Jan 1970 00:03:10 GMT' };
    expect(world.expected(legacy, 120_000, 120_000)).toEqual([{ ...identity, ...headers }]);
  });

  it.each<[string, Answer, string | undefined]>([
    ['the right identity', { status: 200, userId: ANNA, pool: 'legacy' }, undefined],
    ['another identity', { status: 200, userId: 'of bert', pool: 'legacy' }, 'wrong identity'],
    ['the other pool', { status: 200, userId: ANNA, pool: 'new' }, 'wrong identity'],
    ['a refusal', { status: 401, code: 'ERR_KEY_NOT_FOUND' }, 'refused what is valid'],
    ['a header too much', { status: 200, userId: ANNA, pool: 'legacy', deprecation: '@1' }, 'wrong headers'],
  ])('judges %s', (_, answer, kind) => {
    expect(faultOf(answer, legacy, new World(FOLLOWING).expected(legacy, 150_000, 150_000))?.kind).toBe(kind);
  });

  it('judges what must be refused', () => {
    const world = new World(FOLLOWING);
    const identity = { status: 200, userId: ANNA, pool: 'legacy' };
    const of = (answer: Answer) => faultOf(answer, legacy, world.expected(legacy, 300_000, 300_000))?.kind;
    expect(of(identity)).toBe('accepted what is refused');
    expect(of({ status: 401, code: 'ERR_TOKEN_EXPIRED' })).toBe(undefined);
    expect(of({ status: 503, code: 'ERR_KEYS_UNAVAILABLE' })).toBe('another refusal');
  });
});
