import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import type { RequestVerifier } from '../../../middleware/core/verifier-source.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { bearer, httpEvent, httpEventV1, requestEvent, socketEvent, tokenEvent } from '../api-gateway-events.js';

const USER: CutoverIdentity = {
  userId: '0b6a3f0e-5c3e-4a8e-9d7e-1a2b3c4d5e6f',
  userIdSource: 'claim',
  pool: 'new',
  userPoolId: 'eu-west-1_New',
  kind: 'user',
  sub: 'c4e80448-b0a1-70f2-8f5c-0e8a5b0c7d11',
  clientId: '6kqh0j3nm4bs8ifv0gqm1n7pcb',
  tokenUse: 'access',
  scopes: ['orders/read'],
  groups: ['admins'],
  issuedAt: 1_700_000_000,
  expiresAt: 1_700_003_600,
  claims: {},
};

const header = { headers: { Authorization: bearer('t') } };
/** Every kind of event that may end in an answer. */
const EVENTS = {
  'REST TOKEN': tokenEvent(bearer('t')),
  'REST REQUEST': requestEvent(header),
  WebSocket: socketEvent(header),
  'HTTP API, payload format 1.0': httpEventV1(header),
  'HTTP API, payload format 2.0': httpEvent(header),
};
const KINDS = Object.keys(EVENTS) as (keyof typeof EVENTS)[];

/** What API Gateway gets when the verifier answers this. */
function answerTo(answer: unknown, kind: keyof typeof EVENTS = 'REST TOKEN') {
  const verifier = { verify: async () => answer } as RequestVerifier;
  return createApiGatewayAuthorizer({ verifier })(EVENTS[kind] as never) as Promise<APIGatewayAuthorizerResult>;
}

const bytesOf = (answer: unknown) => Buffer.byteLength(JSON.stringify(answer));
/** As many as one user can be in, with names as long as Cognito takes them. */
const groups = (letter: string, count = 100, length = 128) =>
  Array.from({ length: count }, (_, n) => `${n}`.padEnd(length, letter));

describe('the size of an answer', () => {
  it.each(KINDS)('%s: groups that do not fit are left out as a whole, and that is said', async (kind) => {
    const answer = await answerTo({ ...USER, groups: groups('g') }, kind);
    expect(answer.context).toEqual({
      userId: USER.userId,
      kind: 'user',
      pool: 'new',
      sub: USER.sub,
      clientId: USER.clientId,
      tokenUse: 'access',
      scopes: 'orders/read',
      groupsOmitted: 'true',
      expiresAt: '1700003600',
    });
    expect(JSON.stringify(answer)).not.toContain('Deny');
    expect(answer).not.toMatchObject({ isAuthorized: false });
  });

  it.each([
    ['everything that fits is there', {}, { scopes: 'orders/read', groups: 'admins' }],
    [
      'scopes that do not fit are left out, groups that do are not',
      { scopes: groups('s') },
      { scopesOmitted: 'true', groups: 'admins' },
    ],
    [
      'both are left out when neither fits',
      { scopes: groups('s'), groups: groups('g') },
      { scopesOmitted: 'true', groupsOmitted: 'true' },
    ],
    [
      'scopes stay when only one of the two fits',
      { scopes: groups('s', 50), groups: groups('g', 20) },
      { scopes: groups('s', 50).join(' '), groupsOmitted: 'true' },
    ],
    [
      'a name with a space, which would look like two, leaves its list out',
      { groups: ['users', 'not admins'] },
      { scopes: 'orders/read', groupsOmitted: 'true' },
    ],
    [
      'bytes are counted, not characters',
      { groups: groups('組', 40, 100) },
      { scopes: 'orders/read', groupsOmitted: 'true' },
    ],
  ])('%s', async (_name, part, expected) => {
    const { context } = await answerTo({ ...USER, ...part });
    const { scopes, scopesOmitted, groups, groupsOmitted } = context ?? {};
    expect(JSON.parse(JSON.stringify({ scopes, scopesOmitted, groups, groupsOmitted }))).toEqual(expected);
  });

  it('is never more than the 8 KB of API Gateway, and uses most of them', async () => {
    let most = 0;
    for (const kind of KINDS) {
      for (let count = 0; count <= 100; count++) {
        const answer = await answerTo({ ...USER, groups: groups('g', count) }, kind);
        most = Math.max(most, bytesOf(answer));
      }
    }
    expect(most).toBeLessThanOrEqual(8_000);
    expect(most).toBeGreaterThan(7_500);
  });

  it('has room for the longest legacy id that an attribute can hold', async () => {
    const userId = 'u'.repeat(2048);
    const { context, principalId } = await answerTo({ ...USER, userId, groups: groups('g') });
    expect(principalId).toBe(userId);
    expect(context).toMatchObject({ userId, sub: USER.sub, clientId: USER.clientId, groupsOmitted: 'true' });
  });

  it.each(KINDS)('%s: an id that can never fit is refused with a reason, and is not an error 500', async (kind) => {
    const answer = await answerTo({ ...USER, userId: 'u'.repeat(9_000) }, kind);
    expect(answer.context).toEqual({ error: 'ERR_LEGACY_ID_INVALID' });
    expect(JSON.stringify(answer)).not.toContain('Allow');
  });
});

describe('a verifier that answers no identity', () => {
  const { userId: _, ...nobody } = USER;
  const wrong: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['a string', 'user'],
    ['an empty object', {}],
    ['a list', [USER]],
    ['an identity without a userId', nobody],
    ['an empty userId', { ...USER, userId: '' }],
    ['a userId that is a number', { ...USER, userId: 7 }],
    ['a userId that is an object', { ...USER, userId: { toString: () => 'admin' } }],
    ['no groups', { ...USER, groups: undefined }],
    ['groups in one string', { ...USER, groups: 'admins' }],
    ['groups that are no strings', { ...USER, groups: [{}] }],
    ['scopes that are null', { ...USER, scopes: null }],
    ['no end', { ...USER, expiresAt: undefined }],
    ['an end that is not a number', { ...USER, expiresAt: Number.NaN }],
    ['the payload of a token', { sub: USER.sub, client_id: USER.clientId, token_use: 'access', exp: USER.expiresAt }],
    ['a thenable of nothing', thenable((resolve) => resolve(undefined))],
  ];
  it.each(KINDS.flatMap((kind) => wrong.map(([name, answer]) => [kind, name, answer] as const)))(
    '%s: %s opens nothing',
    async (kind, _name, answer) => {
      await expect(answerTo(answer, kind)).rejects.toThrow('not an identity');
    },
  );

  it('is awaited when it answers a promise of another library', async () => {
    const answer = await answerTo(thenable((resolve) => resolve(USER)));
    expect(answer.context).toMatchObject({ userId: USER.userId });
    const refused = thenable((_resolve, reject) => reject(new Error('down')));
    await expect(answerTo(refused)).rejects.toThrow('down');
  });

  type Settle = (value: unknown) => void;
  function thenable(then: (resolve: Settle, reject: Settle) => void): object {
    return Object.assign({}, { then });
  }
});
