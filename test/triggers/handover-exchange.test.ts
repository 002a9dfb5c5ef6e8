import { AdminDisableUserCommand, AdminUserGlobalSignOutCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { HandoverError, type HandoverOptions, handOver } from '../../src/handover/hand-over.js';
import { createCutoverVerifier } from '../../src/index.js';
import { type AccessTokenInput, createTestPools, type TestPools } from '../../src/testing/index.js';
import {
  createPreTokenGenerationTrigger,
  createSessionHandover,
  type SessionHandoverOptions,
} from '../../src/triggers/index.js';
import type { PoolOptions, UserInput } from '../support/cognito-simulator/index.js';
import { started } from '../support/cognito-simulator/testing.js';
import { MemoryOnce } from './handover/handover-support.js';

const ANNA = '11111111-1111-4111-8111-111111111111';
const BERT = '22222222-2222-4222-8222-222222222222';
const password = 'Passw0rd!';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

interface Setting {
  readonly handover?: Partial<SessionHandoverOptions>;
  /** How the legacy pool asks the triggers' function differs from how the app does. */
  readonly next?: Partial<PoolOptions>;
  readonly anna?: Partial<UserInput>;
  readonly client?: object;
}

/** Two pools in two simulators, with the triggers between them; Anna and Bert are in both, Cleo is not mapped. */
async function exchange({ handover, next, anna, client }: Setting = {}) {
  const { legacyPool, newPool } = pools;
  const legacy = await started({
    pools: [
      {
        id: legacyPool.userPoolId,
        signer: legacyPool,
        clients: [{ ClientId: legacyPool.clientId }],
        users: [
          { username: 'anna', sub: ANNA, password },
          { username: 'bert', sub: BERT, password },
        ],
      },
    ],
  });
  const seen: string[] = [];
  const triggers = createSessionHandover({
    legacyPool: { ...legacyPool.options, endpoint: legacy.simulator.endpoint },
    once: new MemoryOnce(),
    onRefused: ({ code, reason }) => seen.push(reason === undefined ? code : `${code} ${reason}`),
    ...handover,
  });
  const there = await started({
    pools: [
      {
        id: newPool.userPoolId,
        signer: newPool,
        customAttributes: ['legacy_sub'],
        clients: [
          {
            ClientId: newPool.clientId,
            ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'],
            PreventUserExistenceErrors: 'ENABLED',
            ...client,
          },
        ],
        users: [
          { username: 'anna', attributes: { 'custom:legacy_sub': ANNA }, ...anna },
          { username: 'bert', attributes: { 'custom:legacy_sub': BERT } },
          { username: 'cleo' },
        ],
        triggers: { ...triggers, preTokenGeneration: createPreTokenGenerationTrigger() },
        ...next,
      },
    ],
  });
  const signIn = async (username: string) => {
    const { AuthenticationResult } = (await legacy.simulator.handle('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: legacyPool.clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    })) as { AuthenticationResult: { AccessToken: string; RefreshToken: string; IdToken: string } };
    return AuthenticationResult;
  };
  const answers: string[] = [];
  /** What everybody sees of an exchange, besides the ids of requests and sessions. */
  const watched: HandoverOptions['fetch'] = async (url, request) => {
    const response = await fetch(url, request);
    const text = await response.text();
    answers.push(`${response.status} ${text.replace(/sim-custom:[\w-]+/, '…')}`);
    return { status: response.status, text: async () => text };
  };
  const at = (clientId: string, endpoint: string) => ({ region: 'eu-west-1', clientId, endpoint });
  return {
    legacy,
    there,
    seen,
    answers,
    signIn,
    handOver: (legacySession: HandoverOptions['legacySession'], over: Partial<HandoverOptions> = {}) =>
      handOver({
        newPool: at(newPool.clientId, there.simulator.endpoint),
        legacyPool: at(legacyPool.clientId, legacy.simulator.endpoint),
        username: 'anna',
        legacySession,
        fetch: watched,
        ...over,
      }),
    /** The two calls without our client. */
    raw: async (username: string, answer: string) => {
      const { clientId: ClientId } = newPool;
      const begun = { AuthFlow: 'CUSTOM_AUTH', ClientId, AuthParameters: { USERNAME: username } };
      const { Session } = (await there.simulator.handle('InitiateAuth', begun)) as { Session: string };
      const ChallengeResponses = { USERNAME: username, ANSWER: answer };
      const request = { ChallengeName: 'CUSTOM_CHALLENGE', ClientId, Session, ChallengeResponses };
      return there.simulator.handle('RespondToAuthChallenge', request);
    },
    token: (claims: AccessTokenInput = {}) => legacyPool.accessToken({ sub: ANNA, username: 'anna', ...claims }),
  };
}

/** Of Anna, as AdminGetUser describes her. */
const ACCOUNT = { username: 'anna', attributes: {}, status: 'CONFIRMED', enabled: true };

const codeOf = (result: Promise<unknown>) =>
  result.then(
    () => 'a session',
    (error) => (error instanceof HandoverError ? error.code : `${error}`),
  );

describe('a session of the legacy pool', () => {
  it('becomes one of the new pool, under the same user id, and is revoked', async () => {
    const { signIn, handOver, seen, legacy } = await exchange();
    const { AccessToken: accessToken, RefreshToken: refreshToken } = await signIn('anna');
    const session = await handOver({ accessToken, refreshToken }, { revoke: true });
    const verifier = createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'any',
    });
    onTestFinished(() => verifier.close());
    for (const token of [session.accessToken, session.idToken]) {
      const identity = await verifier.verify(token);
      expect([identity.pool, identity.userId]).toEqual(['new', ANNA]);
      expect(identity.sub).not.toBe(ANNA);
      // The sign-in of the new session is now: `acceptSignInsBefore` and audits see that.
      expect(Math.abs((identity.authTime ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    }
    expect([session.revoked, seen]).toEqual([true, []]);
    await expect(legacy.simulator.handle('GetUser', { AccessToken: accessToken })).rejects.toThrow('revoked');
  });

  it('becomes a second one only with a fresh token', async () => {
    const { signIn, handOver, seen } = await exchange();
    const { AccessToken: accessToken, RefreshToken: refreshToken } = await signIn('anna');
    await handOver({ accessToken });
    expect(await codeOf(handOver({ accessToken }))).toBe('ERR_HANDOVER_REFUSED');
    expect(seen).toEqual(['ERR_TOKEN_USED']);
    expect(await codeOf(handOver({ accessToken, refreshToken }))).toBe('a session');
  });

  it('is worth one session, however many processes ask for it at once', async () => {
    const { token, raw, seen } = await exchange();
    const accessToken = token();
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => raw('anna', accessToken)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(seen).toEqual(Array(3).fill('ERR_TOKEN_USED'));
  });

  it('is handed over after the answer got lost on the way', async () => {
    const { signIn, handOver, there, seen } = await exchange();
    const { AccessToken: accessToken, RefreshToken: refreshToken } = await signIn('anna');
    there.simulator.faults.set([{ kind: 'drop-after', operations: ['RespondToAuthChallenge'], times: 1 }]);
    expect(await codeOf(handOver({ accessToken, refreshToken }))).toBe('ERR_HANDOVER_UNAVAILABLE');
    expect(await codeOf(handOver({ accessToken, refreshToken }))).toBe('a session');
    expect(seen).toEqual(['ERR_TOKEN_USED']);
  });
});

type Exchange = Awaited<ReturnType<typeof exchange>>;
const REFUSED: readonly [string, string, Setting, (parts: Exchange) => Promise<unknown>][] = [
  [
    'whose user signed out there',
    'ERR_SESSION_ENDED',
    {},
    async ({ legacy, signIn, handOver }) => {
      const { AccessToken: accessToken } = await signIn('anna');
      const UserPoolId = pools.legacyPool.userPoolId;
      await legacy.client.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'anna' }));
      return handOver({ accessToken });
    },
  ],
  [
    'that was revoked',
    'ERR_SESSION_ENDED',
    {},
    async ({ legacy, signIn, handOver }) => {
      const { AccessToken: accessToken, RefreshToken } = await signIn('anna');
      await legacy.simulator.handle('RevokeToken', { ClientId: pools.legacyPool.clientId, Token: RefreshToken });
      return handOver({ accessToken });
    },
  ],
  [
    'whose user was disabled there',
    'ERR_SESSION_ENDED',
    {},
    async ({ legacy, signIn, handOver }) => {
      const { AccessToken: accessToken } = await signIn('anna');
      const UserPoolId = pools.legacyPool.userPoolId;
      await legacy.client.send(new AdminDisableUserCommand({ UserPoolId, Username: 'anna' }));
      return handOver({ accessToken });
    },
  ],
  [
    'of somebody else',
    'ERR_LEGACY_ID_DIFFERS',
    {},
    async ({ signIn, handOver }) => handOver({ accessToken: (await signIn('bert')).AccessToken }),
  ],
  [
    'for somebody who is not mapped',
    'ERR_LEGACY_ID_MISSING',
    {},
    async ({ token, handOver }) => handOver({ accessToken: token() }, { username: 'cleo' }),
  ],
  [
    'for nobody',
    'ERR_USER_UNKNOWN',
    {},
    async ({ token, handOver }) => handOver({ accessToken: token() }, { username: 'nobody' }),
  ],
  [
    'that began too long ago',
    'ERR_SIGN_IN_TOO_OLD',
    { handover: { maxSignInAgeSeconds: 3_600 } },
    async ({ token, handOver }) => handOver({ accessToken: token({ auth_time: Date.now() / 1_000 - 3_700 }) }),
  ],
  [
    'with an ID token',
    'ERR_TOKEN_REFUSED ERR_TOKEN_USE_NOT_ALLOWED',
    {},
    // The client refuses to send one.
    async ({ signIn, raw }) => raw('anna', (await signIn('anna')).IdToken),
  ],
  [
    'of the new pool itself',
    'ERR_TOKEN_REFUSED ERR_ISSUER_NOT_TRUSTED',
    {},
    async ({ handOver }) => handOver({ accessToken: pools.newPool.accessToken({ sub: ANNA }) }),
  ],
  [
    'without the scope for GetUser',
    'ERR_TOKEN_SCOPE_MISSING',
    {},
    async ({ token, handOver }) => handOver({ accessToken: token({ scope: 'openid' }) }),
  ],
  [
    'through another app client',
    'ERR_CLIENT_NOT_ALLOWED',
    { handover: { clientIds: ['another'] } },
    async ({ token, handOver }) => handOver({ accessToken: token() }),
  ],
];

describe('a legacy session is refused', () => {
  it.each(REFUSED)('%s: %s', async (_, reason, setting, attempt) => {
    const parts = await exchange(setting);
    const error = await attempt(parts).catch((thrown) => thrown);
    expect(parts.seen).toEqual([reason]);
    const answer = { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' };
    if (error instanceof HandoverError) {
      expect([error.code, parts.answers.at(-1)]).toEqual(['ERR_HANDOVER_REFUSED', `400 ${JSON.stringify(answer)}`]);
    } else {
      expect(error).toMatchObject({ status: 400, type: answer.__type, message: answer.message });
    }
  });

  it('where the user is disabled in the new pool, before a trigger runs', async () => {
    const { token, handOver, seen } = await exchange({ anna: { enabled: false } });
    expect(await codeOf(handOver({ accessToken: token() }))).toBe('ERR_HANDOVER_REFUSED');
    expect(seen).toEqual([]);
  });
});

describe('a legacy session is not handed over, and not used up,', () => {
  it.each<[string, Setting, (parts: Exchange, isDown: boolean) => void]>([
    [
      'while the legacy pool does not answer',
      {},
      ({ legacy }, isDown) =>
        legacy.simulator.faults.set(isDown ? [{ kind: 'internal-error', operations: ['GetUser'] }] : []),
    ],
    [
      'while the new pool is throttled',
      {},
      ({ there }, isDown) => there.simulator.faults.set(isDown ? [{ kind: 'throttle' }] : []),
    ],
  ])('%s', async (_, setting, change) => {
    const parts = await exchange(setting);
    const accessToken = parts.token();
    change(parts, true);
    expect(await codeOf(parts.handOver({ accessToken }))).toBe('ERR_HANDOVER_UNAVAILABLE');
    change(parts, false);
    expect(await codeOf(parts.handOver({ accessToken }))).toBe('a session');
    expect(parts.seen).toEqual([]);
  });

  it('while the once store fails', async () => {
    const memory = new MemoryOnce();
    let isDown = true;
    const once = {
      claim: (name: string, until: number) => (isDown ? Promise.reject(new Error('down')) : memory.claim(name, until)),
    };
    const { handOver, token } = await exchange({ handover: { once } });
    const accessToken = token();
    expect(await codeOf(handOver({ accessToken }))).toBe('ERR_HANDOVER_UNAVAILABLE');
    isDown = false;
    expect(await codeOf(handOver({ accessToken }))).toBe('a session');
  });

  it('once its access token has expired', async () => {
    const { handOver, token, seen } = await exchange();
    const accessToken = token({ exp: Math.floor(Date.now() / 1_000) - 60 });
    expect(await codeOf(handOver({ accessToken }))).toBe('ERR_LEGACY_SESSION_ENDED');
    expect(seen).toEqual(['ERR_TOKEN_REFUSED ERR_TOKEN_EXPIRED']);
  });
});

describe('a user with a second factor', () => {
  const anna = { mfa: ['SOFTWARE_TOKEN_MFA'] } as const;
  const settings = { MfaConfiguration: 'ON' } as const;

  it.each([
    ['is refused where the new pool is asked', false, {}, 'ERR_HANDOVER_REFUSED', ['ERR_SECOND_FACTOR']],
    ['gets a session without it where that is accepted', false, { secondFactor: 'accept' }, 'a session', []],
    ['is asked for it where Cognito does so', true, { secondFactor: 'accept' }, 'ERR_HANDOVER_CHALLENGE', []],
  ] as const)('%s', async (_, mfaAfterCustomAuth, more, code, reasons) => {
    const setting: Setting = { anna, next: { settings, mfaAfterCustomAuth } };
    const asked = { getUser: async () => ({ ...ACCOUNT, sub: await sub, factors: anna.mfa }) };
    let known = (_: string) => {};
    const sub = new Promise<string>((resolve) => {
      known = resolve;
    });
    const { handOver, token, seen, there } = await exchange({ ...setting, handover: { newPool: asked, ...more } });
    known(there.simulator.pool(pools.newPool.userPoolId).user('anna')?.attributes['sub'] ?? '');
    expect(await codeOf(handOver({ accessToken: token() }))).toBe(code);
    expect(seen).toEqual(reasons);
  });
});
