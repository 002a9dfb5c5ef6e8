import { describe, expect, it } from 'vitest';
import {
  badKeySet,
  badStatus,
  failedFetch,
  keysUnavailable,
  unknownKey,
} from '../../../src/verify/explain/key-troubles.js';
import { checkPools } from '../../../src/verify/pool-options.js';

const URI = 'https://user:password@keys.example.com/pool/.well-known/jwks.json?secret=1';
const PLACE = 'https://keys.example.com/pool/.well-known/jwks.json';

describe('why keys could not be fetched', () => {
  it.each<[number, string]>([
    [400, 'Does this pool exist?'],
    [404, 'Does this pool exist?'],
    [401, 'Does a proxy or an endpoint policy refuse it?'],
    [403, 'Does a proxy or an endpoint policy refuse it?'],
    [407, 'Does a proxy or an endpoint policy refuse it?'],
    [300, 'Redirects are not followed.'],
    [399, 'Redirects are not followed.'],
    [429, 'Is a verifier created for every request?'],
    [299, 'The fault is at the other end.'],
    [402, 'The fault is at the other end.'],
    [500, 'The fault is at the other end.'],
  ])('by the status %i', (status, cause) => {
    expect(badStatus(URI, status).message).toContain(`${PLACE} answered ${status}. ${cause}`);
  });

  const dns = 'does DNS work here?';
  const network = 'Is outbound HTTPS allowed from here';
  const tls = 'Does a proxy inspect TLS';
  it.each<[string, string]>([
    ['ENOTFOUND', dns],
    ['EAI_AGAIN', dns],
    ['ECONNREFUSED', network],
    ['ECONNRESET', network],
    ['EHOSTUNREACH', network],
    ['ENETUNREACH', network],
    ['EPIPE', network],
    ['ETIMEDOUT', network],
    ['UND_ERR_SOCKET', network],
    ['UND_ERR_CONNECT_TIMEOUT', network],
    ['CERT_HAS_EXPIRED', tls],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', tls],
    ['SELF_SIGNED_CERT_IN_CHAIN', tls],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', tls],
  ])('by the code %s, as Node and as undici give it', (code, cause) => {
    for (const error of [Object.assign(new Error('x'), { code }), new TypeError('fetch failed', { cause: { code } })]) {
      const failed = failedFetch(URI, error, 3_000);
      expect(failed.message).toMatch(`${PLACE} could not be reached (${code}). `);
      expect(failed.message).toContain(cause);
      expect(failed.cause).toBe(error);
    }
  });

  it.each([
    'xENOTFOUND',
    'ENOTFOUNDx',
    'ECONNrefused',
    'my ECONNREFUSED',
    'cert_expired',
    'CERT-EXPIRED',
    'a CERT',
    'EACCES',
    undefined,
    null,
  ])('says no more than that where the code is %s', (code) => {
    expect(failedFetch(URI, Object.assign(new Error('secret'), { code }), 3_000).message).toBe(
      `${PLACE} could not be reached.`,
    );
  });

  it.each([undefined, null, 'text', 5])('whatever was thrown: %s', (thrown) => {
    expect(failedFetch(URI, thrown, 3_000).message).toBe(`${PLACE} could not be reached.`);
  });

  it('by the time limit', () => {
    const late = new DOMException('late', 'TimeoutError');
    expect(failedFetch(URI, late, 3_000).message).toContain(`${PLACE} did not answer within 3000 ms. ${network}`);
  });

  it('by what was answered, of which nothing is repeated', () => {
    const cause = new Error('secret');
    const bad = badKeySet(URI, cause);
    expect(bad.message).toBe(
      `${PLACE} answered with something that is not a usable key set (JWKS). Does a proxy answer?`,
    );
    expect(bad.cause).toBe(cause);
    expect('cause' in badStatus(URI, 500)).toBe(false);
  });
});

it('names the pool, and what is known of its keys', () => {
  const [pool] = checkPools(undefined, { userPoolId: 'eu-west-1_New000000', clientIds: null });
  if (pool === undefined) throw new Error('no pool');
  expect(keysUnavailable(pool, undefined)).toBe('The keys of newPool are currently unavailable.');
  expect(keysUnavailable(pool, new Error('why'))).toBe('The keys of newPool are currently unavailable: why');
  expect(unknownKey(pool)).toMatch(/^newPool has no key with the id \(kid\).*rotation of keys/);
  expect(unknownKey({ ...pool, jwksUri: undefined })).toContain('newPool.jwks is never fetched again');
});
