import { describe, expect, it } from 'vitest';
import { checkHandoverOptions, type SessionHandoverOptions } from '../../../src/triggers/handover/handover-options.js';
import { createSessionHandover } from '../../../src/triggers/handover/session-handover.js';
import { LEGACY_POOL, MemoryPool, NEW_POOL } from '../support.js';
import { MemoryOnce } from './handover-support.js';

const right: SessionHandoverOptions = {
  legacyPool: { userPoolId: LEGACY_POOL, clientIds: ['legacy-client'] },
  once: new MemoryOnce(),
};
const pool = (more: object) => ({ legacyPool: { ...right.legacyPool, ...more } });
const handlers = {
  defineAuthChallenge: () => {},
  createAuthChallenge: () => {},
  verifyAuthChallengeResponse: () => {},
};

it('are right with a legacy pool and a store, and have the defaults that are documented', () => {
  expect(checkHandoverOptions(right)).toMatchObject({
    legacyPoolId: LEGACY_POOL,
    maxSignInAgeSeconds: 30 * 86_400,
    statuses: ['CONFIRMED', 'EXTERNAL_PROVIDER'],
    accountOf: undefined,
    clientIds: undefined,
    otherwise: undefined,
  });
});

it.each([
  ['options', undefined],
  ['legacyPool', { ...right, legacyPool: undefined }],
  ['legacyPool', { ...right, legacyPool: [right.legacyPool] }],
  ['legacyPool.userPoolId', pool({ userPoolId: 'legacy' })],
  ['legacyPool.clientIds', pool({ clientIds: undefined })],
  ['legacyPool.clientIds', pool({ clientIds: [] })],
  ['legacyPool.jwks', pool({ jwks: { keys: [] } })],
  ['legacyPool.region', pool({ region: '' })],
  ['legacyPool.endpoint', pool({ endpoint: 5 })],
  // Neither may loosen which tokens are accepted.
  ['legacyPool.tokenUse', pool({ tokenUse: 'any' })],
  ['legacyPool.clientAliases', pool({ clientAliases: {} })],
  // GetUser takes no role.
  ['legacyPool.roleArn', pool({ roleArn: 'arn:aws:iam::111111111111:role/legacy' })],
  ['legacyTokens.acceptUntil', { legacyTokens: { acceptUntil: '2026-12-01' } }],
  ['isRevoked', { isRevoked: true }],
  ['once', { once: undefined }],
  ['once', { once: new Map() }],
  ['maxSignInAgeSeconds', { maxSignInAgeSeconds: 59 }],
  ['maxSignInAgeSeconds', { maxSignInAgeSeconds: 315_360_001 }],
  ['maxSignInAgeSeconds', { maxSignInAgeSeconds: 60.5 }],
  ['maxSignInAgeSeconds', { maxSignInAgeSeconds: Number.NaN }],
  ['statuses', { statuses: [] }],
  ['statuses[1]', { statuses: ['CONFIRMED', 'UNCONFIRMED'] }],
  ['store', { store: {} }],
  ['attribute', { attribute: null }],
  ['format', { format: 'UUID' }],
  ['newPool', { newPool: null }],
  ['newPool', { newPool: { setAttribute: () => {} } }],
  ['newPool.regoin', { newPool: { regoin: 'eu-west-1' } }],
  ['newPool', { secondFactor: 'refuse' }],
  ['secondFactor', { newPool: {}, secondFactor: 'maybe' }],
  ['clientIds', { clientIds: [] }],
  ['clientIds', { clientIds: 'client' }],
  ['clientIds[0]', { clientIds: [''] }],
  ['otherwise', { otherwise: handlers }],
  ['otherwise.createAuthChallenge', { clientIds: ['c'], otherwise: { ...handlers, createAuthChallenge: undefined } }],
  ['otherwise.verify', { clientIds: ['c'], otherwise: { ...handlers, verify: () => {} } }],
  ['onRefused', { onRefused: 'log' }],
  ['timeoutMs', { timeoutMs: 5000 }],
  ['maxAge', { maxAge: 5 }],
])('name a wrong %s', (option, more) => {
  const options = option === 'options' ? undefined : { ...right, ...more };
  expect(() => createSessionHandover(options as never)).toThrow(expect.objectContaining({ option }));
});

describe('the new pool', () => {
  it('may be a gateway of the own', async () => {
    const newPool = new MemoryPool(NEW_POOL);
    const { accountOf } = checkHandoverOptions({ ...right, newPool });
    const caller = { userPoolId: NEW_POOL, region: 'eu-west-1' };
    expect(await accountOf?.(caller, 'anna', new AbortController().signal)).toBeUndefined();
    expect(newPool.calls).toEqual(['getUser anna']);
  });

  it('may be asked where that is said as well', () => {
    const newPool = new MemoryPool(NEW_POOL);
    expect(checkHandoverOptions({ ...right, newPool, secondFactor: 'refuse' }).secondFactor).toBe('refuse');
  });

  it('needs not be asked about second factors where they are accepted', () => {
    expect(checkHandoverOptions({ ...right, secondFactor: 'accept' }).accountOf).toBeUndefined();
  });
});
