import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeySet, sameKeys } from '../../src/verify/key-set.js';

const rsa = (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength }).publicKey;
const [first, second] = [rsa(), rsa()];
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });

describe('parseKeySet', () => {
  it('reads the keys that may sign', () => {
    const set = parseKeySet({ keys: [jwk(first, { kid: 'a', use: 'sig', alg: 'RS256' }), jwk(second, { kid: 'b' })] });
    expect([...set.keys()]).toEqual(['a', 'b']);
    expect(set.get('a')?.equals(first)).toBe(true);
  });

  it.each([
    ['that says so', { key_ops: ['verify'] }],
    ['with the exponent 3', { e: 'Aw' }],
  ])('reads a key %s', (_, more) => {
    expect([...parseKeySet({ keys: [jwk(first, { kid: 'a', ...more })] }).keys()]).toEqual(['a']);
  });

  it.each([
    ['for encryption', { use: 'enc' }],
    ['of another algorithm', { alg: 'RS512' }],
    ['whose operations exclude verifying', { key_ops: ['encrypt'] }],
    ['with an empty kid', { kid: '' }],
  ])('leaves out a key %s', (_, more) => {
    const set = parseKeySet({ keys: [jwk(first, { kid: 'a', ...more }), jwk(second, { kid: 'b' })] });
    expect([...set.keys()]).toEqual(['b']);
  });

  it('leaves out a key without a kid', () => {
    expect([...parseKeySet({ keys: [jwk(first), jwk(second, { kid: 'b' })] }).keys()]).toEqual(['b']);
  });

  it('leaves out an RSA key below 2048 bits, and keys of other kinds', () => {
    const weak = jwk(rsa(1024), { kid: 'weak' });
    const curve = jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, { kid: 'curve' });
    expect([...parseKeySet({ keys: [weak, curve, jwk(first, { kid: 'a' })] }).keys()]).toEqual(['a']);
  });

  it('leaves out a key anybody can sign for', () => {
    const one = { ...jwk(second, { kid: 'one' }), e: 'AQ' };
    expect([...parseKeySet({ keys: [one, jwk(first, { kid: 'a' })] }).keys()]).toEqual(['a']);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'keys'],
    ['an array', []],
    ['no keys', {}],
    ['keys that are no array', { keys: {} }],
    ['an empty set', { keys: [] }],
    ['only unfit keys', { keys: [jwk(first, { kid: 'a', use: 'enc' })] }],
    ['a key that is no object', { keys: ['a'] }],
    ['a kid that is a number', { keys: [jwk(first, { kid: 1 })] }],
    ['a kid that names two keys', { keys: [jwk(first, { kid: 'a' }), jwk(second, { kid: 'a' })] }],
    ['a modulus that is no number', { keys: [jwk(first, { kid: 'a', n: '' })] }],
  ])('refuses %s', (_, document) => {
    expect(() => parseKeySet(document)).toThrow();
  });

  it('takes only the public part of a key', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const set = parseKeySet({ keys: [{ ...pair.privateKey.export({ format: 'jwk' }), kid: 'a' }] });
    expect(set.get('a')?.type).toBe('public');
  });
});

describe('sameKeys', () => {
  const set = (...entries: (readonly [string, KeyObject])[]) => new Map(entries);
  it.each([
    ['the same keys', set(['a', first]), set(['a', first]), true],
    ['another order', set(['a', first], ['b', second]), set(['b', second], ['a', first]), true],
    ['another key under the same kid', set(['a', first]), set(['a', second]), false],
    ['another kid', set(['a', first]), set(['b', first]), false],
    ['one more', set(['a', first]), set(['a', first], ['b', second]), false],
    ['one less', set(['a', first], ['b', second]), set(['a', first]), false],
  ])('tells %s', (_, one, other, expected) => {
    expect(sameKeys(one, other)).toBe(expected);
  });
});
