import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HandoverError, type HandoverOptions, handOver, type LegacyTokens } from '../../src/handover/hand-over.js';
import { CHROMIUM, HAS } from '../support/tools.js';
import { answering, before, LEGACY, NEW, stage, tokenOf } from './support.js';

const failure = async (result: Promise<unknown>) => {
  const error = await result.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(HandoverError);
  return error as HandoverError;
};
const codeOf = async (result: Promise<unknown>) => (await failure(result)).code;

describe('a legacy session', () => {
  it('becomes one of the new pool in two calls', async () => {
    const { handOver, calls, isLegacyAlive } = await stage();
    expect(await handOver()).toEqual({
      accessToken: expect.stringMatching(/^ey/),
      idToken: expect.any(String),
      refreshToken: expect.stringMatching(/^sim-refresh/),
      expiresIn: 3600,
      tokenType: 'Bearer',
      revoked: false,
    });
    expect(calls()).toEqual({ InitiateAuth: 1, RespondToAuthChallenge: 1 });
    expect(await isLegacyAlive()).toBe(true);
  });

  it('is found by an alias of the user', async () => {
    const { handOver } = await stage({ next: { settings: { UsernameAttributes: ['email'] } } });
    const sent: string[] = [];
    const fetch: HandoverOptions['fetch'] = (url, request) => {
      sent.push(request.body);
      return globalThis.fetch(url, request);
    };
    expect((await handOver({ username: 'ann@example.com', fetch })).tokenType).toBe('Bearer');
    expect(JSON.parse(sent[1] ?? '').ChallengeResponses.USERNAME).toBe('anna');
  });

  it.each<[string, (own: { accessToken: string; refreshToken: string }) => HandoverOptions['legacySession']]>([
    ['is missing', ({ refreshToken }) => ({ refreshToken })],
    ['has expired', ({ refreshToken }) => ({ refreshToken, accessToken: tokenOf({ exp: 1, expired: true }) })],
    [
      'expires within a minute',
      ({ refreshToken }) => ({
        refreshToken,
        accessToken: tokenOf({ exp: Date.now() / 1_000 + 59, expired: true }),
      }),
    ],
    ['says nothing', ({ refreshToken }) => ({ refreshToken, accessToken: 'a.b.c' })],
    [
      'is refused although this clock takes it for valid',
      ({ refreshToken }) => ({
        refreshToken,
        accessToken: tokenOf({ exp: Date.now() / 1_000 + 3_600, expired: true }),
      }),
    ],
  ])('gets a fresh access token where the one at hand %s', async (_, legacySession) => {
    for (const rotating of [false, true]) {
      const { options, calls, isLegacyAlive } = await stage({ rotating });
      const seen: LegacyTokens[] = [];
      const session = await handOver({
        ...options,
        legacySession: legacySession(options.legacySession),
        onLegacyTokens: (tokens) => seen.push(tokens),
      });
      expect(calls()['GetTokensFromRefreshToken']).toBe(1);
      expect(seen).toEqual([session.legacyTokens]);
      expect(seen[0]).toMatchObject({ accessToken: expect.any(String), idToken: expect.any(String), expiresIn: 3600 });
      expect(seen[0]?.refreshToken === options.legacySession.refreshToken).toBe(!rotating);
      expect(await isLegacyAlive(seen[0]?.refreshToken)).toBe(true);
    }
  });

  it.each(['NotAuthorizedException', 'InvalidParameterException', 'UnknownOperationException'])(
    'is refreshed by InitiateAuth where the newer call is refused: %s',
    async (type) => {
      const { handOver, options, calls } = await stage();
      const { refreshToken } = options.legacySession;
      const fetch = answering('GetTokensFromRefreshToken', 400, { __type: type });
      expect((await handOver({ legacySession: { refreshToken }, fetch })).tokenType).toBe('Bearer');
      expect(calls()).toEqual({ InitiateAuth: 2, RespondToAuthChallenge: 1 });
    },
  );

  it('is refreshed with the key of its device', async () => {
    const { handOver, options } = await stage();
    const { refreshToken } = options.legacySession;
    const sent: string[] = [];
    const fetch: HandoverOptions['fetch'] = (url, request) => {
      sent.push(request.body);
      return globalThis.fetch(url, request);
    };
    const inToken = tokenOf({ exp: 1, device_key: 'of the token' });
    await handOver({ legacySession: { refreshToken, accessToken: inToken }, fetch });
    await handOver({ legacySession: { refreshToken, deviceKey: 'given' }, fetch });
    expect(sent.flatMap((body) => JSON.parse(body).DeviceKey ?? [])).toEqual(['of the token', 'given']);
  });

  it('is not touched while the hand-over is switched off', async () => {
    const { handOver, options, calls } = await stage({
      next: { clients: [{ ClientId: 'app', ExplicitAuthFlows: [] }] },
    });
    const { refreshToken } = options.legacySession;
    const error = await failure(handOver({ legacySession: { refreshToken } }));
    expect([error.code, error.legacyTokens]).toEqual(['ERR_HANDOVER_NOT_ENABLED', undefined]);
    expect(calls()).toEqual({ InitiateAuth: 1 });
  });
});

describe('the legacy session afterwards', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('is revoked where that is asked for (rotating: %s, refreshed: %s)', async (rotating, refreshed) => {
    const { handOver, options, isLegacyAlive } = await stage({ rotating });
    const { refreshToken } = options.legacySession;
    const seen: string[] = [];
    const session = await handOver({
      revoke: true,
      ...(refreshed && { legacySession: { refreshToken } }),
      onLegacyTokens: (tokens) => seen.push(tokens.refreshToken),
    });
    expect([session.revoked, session.legacyTokens]).toEqual([true, undefined]);
    expect(await isLegacyAlive(seen[0] ?? refreshToken)).toBe(false);
  });

  it.each(['', '{}'])('was revoked where the pool says so, with a body or without: %j', async (body) => {
    const { handOver } = await stage();
    expect((await handOver({ revoke: true, fetch: answering('RevokeToken', 200, body) })).revoked).toBe(true);
  });

  it.each(['drop-before', 'internal-error', 'throttle'] as const)(
    'may outlive a failed revocation: %s',
    async (kind) => {
      const { handOver, isLegacyAlive } = await stage({
        simulator: { faults: [{ kind, operations: ['RevokeToken'] }] },
      });
      expect(await handOver({ revoke: true })).toMatchObject({ revoked: false, tokenType: 'Bearer' });
      expect(await isLegacyAlive()).toBe(true);
    },
  );

  it('is left alone without a refresh token: the other call would end the sessions of every device', async () => {
    const { handOver, options, calls } = await stage();
    const { accessToken } = options.legacySession;
    expect((await handOver({ revoke: true, legacySession: { accessToken } })).revoked).toBe(false);
    expect(calls()).toEqual({ InitiateAuth: 1, RespondToAuthChallenge: 1 });
  });

  it('is revoked only after the new session was stored', async () => {
    const { handOver, isLegacyAlive } = await stage();
    const cause = new Error('disk full');
    const failed = await failure(handOver({ revoke: true, onNewSession: () => Promise.reject(cause) }));
    expect([failed.code, failed.cause]).toEqual(['ERR_HANDOVER_UNAVAILABLE', cause]);
    expect(await isLegacyAlive()).toBe(true);
    const events: unknown[] = [];
    const fetch = before({ RevokeToken: () => events.push('revoke') });
    const onNewSession = async ({ tokenType }: { tokenType: string }) => {
      await null;
      events.push(tokenType);
    };
    expect((await handOver({ revoke: true, onNewSession, fetch })).revoked).toBe(true);
    expect(events).toEqual(['Bearer', 'revoke']);
  });

  it('does not keep the new session waiting for more than five seconds', async () => {
    const { handOver } = await stage();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const fetch = before({
      RevokeToken: () => {
        queueMicrotask(() => vi.advanceTimersByTime(5_000));
        return new Promise(() => {});
      },
    });
    expect(await handOver({ revoke: true, fetch })).toMatchObject({ tokenType: 'Bearer', revoked: false });
  });
});

describe('a rotated refresh token', () => {
  const refreshed = async (more: Parameters<typeof stage>[0] = {}) => {
    const staged = await stage({ rotating: true, ...more });
    const { refreshToken } = staged.options.legacySession;
    return { ...staged, legacySession: { refreshToken } };
  };

  it('is on the error when the hand-over fails', async () => {
    const faults = [{ kind: 'internal-error', operations: ['RespondToAuthChallenge'] } as const];
    const { handOver, legacySession, isLegacyAlive } = await refreshed({ simulator: { faults } });
    const error = await failure(handOver({ legacySession }));
    expect(error.code).toBe('ERR_HANDOVER_UNAVAILABLE');
    expect(JSON.stringify(error)).not.toContain('sim-refresh');
    expect(Object.keys(error)).not.toContain('legacyTokens');
    expect(error.legacyTokens?.refreshToken).not.toBe(legacySession.refreshToken);
    expect(await isLegacyAlive(error.legacyTokens?.refreshToken)).toBe(true);
    // With the old one, nothing could be done any more.
    expect(await codeOf(handOver({ legacySession }))).toBe('ERR_LEGACY_SESSION_ENDED');
  });

  it('is on the error when it could not be stored', async () => {
    const { handOver, legacySession, calls } = await refreshed();
    const error = await failure(
      handOver({ legacySession, onLegacyTokens: () => Promise.reject(new Error('disk full')) }),
    );
    expect([error.code, error.legacyTokens?.refreshToken]).toEqual([
      'ERR_HANDOVER_UNAVAILABLE',
      expect.stringMatching(/^sim-refresh/),
    ]);
    // No token was used up.
    expect(calls()['RespondToAuthChallenge']).toBeUndefined();
  });

  it('is told although the caller went away meanwhile, and nothing else is done', async () => {
    const { handOver, legacySession } = await refreshed();
    const leaving = new AbortController();
    let tell = (_: LegacyTokens) => {};
    const told = new Promise<LegacyTokens>((resolve) => {
      tell = resolve;
    });
    const sent: string[] = [];
    const fetch: HandoverOptions['fetch'] = async (url, { signal: _, ...request }) => {
      const target = request.headers['X-Amz-Target'] ?? '';
      sent.push(target.split('.')[1] ?? '');
      if (target.endsWith('GetTokensFromRefreshToken')) leaving.abort();
      return globalThis.fetch(url, request);
    };
    const result = handOver({ legacySession, signal: leaving.signal, fetch, onLegacyTokens: tell });
    expect(await codeOf(result)).toBe('ERR_HANDOVER_UNAVAILABLE');
    expect((await told).refreshToken).toMatch(/^sim-refresh/);
    await new Promise(setImmediate);
    expect(sent).toEqual(['InitiateAuth', 'GetTokensFromRefreshToken']);
  });
});

describe('an exchange that fails', () => {
  const at = (pool: string, operation: string, type: string) => ({
    faults: [{ kind: 'error', pool, operations: [operation], type, message: 'the secret of Anna' } as const],
  });

  it.each([
    ['InitiateAuth', 'NotAuthorizedException', 'ERR_HANDOVER_REFUSED'],
    ['InitiateAuth', 'UserNotFoundException', 'ERR_HANDOVER_REFUSED'],
    ['InitiateAuth', 'UserNotConfirmedException', 'ERR_HANDOVER_REFUSED'],
    ['InitiateAuth', 'PasswordResetRequiredException', 'ERR_HANDOVER_REFUSED'],
    ['InitiateAuth', 'InvalidParameterException', 'ERR_HANDOVER_NOT_ENABLED'],
    ['InitiateAuth', 'ResourceNotFoundException', 'ERR_HANDOVER_NOT_ENABLED'],
    ['InitiateAuth', 'UserLambdaValidationException', 'ERR_HANDOVER_UNAVAILABLE'],
    ['InitiateAuth', 'TooManyRequestsException', 'ERR_HANDOVER_UNAVAILABLE'],
    ['InitiateAuth', 'SomethingNewException', 'ERR_HANDOVER_UNAVAILABLE'],
    ['RespondToAuthChallenge', 'NotAuthorizedException', 'ERR_HANDOVER_REFUSED'],
    ['RespondToAuthChallenge', 'CodeMismatchException', 'ERR_HANDOVER_REFUSED'],
    ['RespondToAuthChallenge', 'ExpiredCodeException', 'ERR_HANDOVER_REFUSED'],
    ['RespondToAuthChallenge', 'InvalidParameterException', 'ERR_HANDOVER_REFUSED'],
    ['RespondToAuthChallenge', 'UserNotFoundException', 'ERR_HANDOVER_REFUSED'],
    ['RespondToAuthChallenge', 'PasswordResetRequiredException', 'ERR_HANDOVER_REFUSED'],
    ['RespondToAuthChallenge', 'UserLambdaValidationException', 'ERR_HANDOVER_UNAVAILABLE'],
    ['RespondToAuthChallenge', 'TooManyRequestsException', 'ERR_HANDOVER_UNAVAILABLE'],
    ['RespondToAuthChallenge', 'InternalErrorException', 'ERR_HANDOVER_UNAVAILABLE'],
  ])('at %s with %s says %s', async (operation, type, code) => {
    const { handOver, options } = await stage({ simulator: at(NEW, operation, type) });
    const { accessToken } = options.legacySession;
    const error = await failure(handOver({ legacySession: { accessToken } }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(operation);
    expect(error.message).not.toMatch(/secret of Anna|SomethingNew/);
    expect(error.help).toMatch(new RegExp(`session-handover.md#${code.toLowerCase()}$`));
  });

  it.each([
    ['NotAuthorizedException', 'ERR_LEGACY_SESSION_ENDED'],
    ['RefreshTokenReuseException', 'ERR_LEGACY_SESSION_ENDED'],
    ['UserNotFoundException', 'ERR_LEGACY_SESSION_ENDED'],
    ['ResourceNotFoundException', 'ERR_HANDOVER_NOT_ENABLED'],
    ['TooManyRequestsException', 'ERR_HANDOVER_UNAVAILABLE'],
    ['UserLambdaValidationException', 'ERR_HANDOVER_UNAVAILABLE'],
  ])('at the refresh with %s says %s', async (type, code) => {
    const { handOver, options, simulator } = await stage();
    const operations = ['GetTokensFromRefreshToken', 'InitiateAuth'];
    simulator.faults.set([{ kind: 'error', pool: LEGACY, operations, type }]);
    const { refreshToken } = options.legacySession;
    expect(await codeOf(handOver({ legacySession: { refreshToken } }))).toBe(code);
  });

  it('with an access token that is over and cannot be replaced says that the session has ended', async () => {
    const { handOver } = await stage();
    const accessToken = tokenOf({ exp: 1, expired: true });
    expect(await codeOf(handOver({ legacySession: { accessToken } }))).toBe('ERR_LEGACY_SESSION_ENDED');
  });

  it('with an access token that lasts for half a minute more does not say so', async () => {
    const { handOver } = await stage();
    const accessToken = tokenOf({ exp: Date.now() / 1_000 + 30, expired: true });
    expect(await codeOf(handOver({ legacySession: { accessToken } }))).toBe('ERR_HANDOVER_REFUSED');
  });

  it('when refused refreshes once, and then believes it', async () => {
    const { handOver, options, calls } = await stage({
      legacy: { users: [{ username: 'ann', sub: 'another', password: 'Passw0rd!' }] },
    });
    const error = await failure(handOver());
    expect([error.code, error.legacyTokens]).toEqual(['ERR_HANDOVER_REFUSED', expect.anything()]);
    expect(calls()).toEqual({ InitiateAuth: 2, RespondToAuthChallenge: 2, GetTokensFromRefreshToken: 1 });
    const { refreshToken } = options.legacySession;
    expect(await codeOf(handOver({ legacySession: { refreshToken } }))).toBe('ERR_HANDOVER_REFUSED');
    expect(calls()).toEqual({ InitiateAuth: 3, RespondToAuthChallenge: 3, GetTokensFromRefreshToken: 2 });
  });

  it('on a device whose clock is days ahead does not take a fresh access token for an expired one', async () => {
    const { handOver, options } = await stage();
    const { refreshToken } = options.legacySession;
    // Of somebody who is not mapped, as seen by that clock.
    const fresh = { AccessToken: tokenOf({ exp: Date.now() / 1_000 - 3 * 86_400 }), ExpiresIn: 3600 };
    const fetch = answering('GetTokensFromRefreshToken', 200, { AuthenticationResult: fresh });
    const error = await failure(handOver({ legacySession: { refreshToken }, fetch }));
    expect([error.code, error.legacyTokens?.refreshToken]).toEqual(['ERR_HANDOVER_REFUSED', refreshToken]);
  });

  it.each(['drop-before', 'drop-after'] as const)(
    'without an answer to the token does not send it again: %s',
    async (kind) => {
      const faults = [{ kind, operations: ['RespondToAuthChallenge'], times: 1 }];
      const { handOver, calls } = await stage({ simulator: { faults } });
      expect(await codeOf(handOver())).toBe('ERR_HANDOVER_UNAVAILABLE');
      expect(calls()).toEqual({ InitiateAuth: 1, RespondToAuthChallenge: 1 });
      // Called again, it finds out by itself whether the token was used up.
      expect((await handOver()).tokenType).toBe('Bearer');
      expect(calls()['GetTokensFromRefreshToken']).toBe(kind === 'drop-after' ? 1 : undefined);
    },
  );

  const challenge = {
    ChallengeName: 'CUSTOM_CHALLENGE',
    Session: 's',
    ChallengeParameters: { kind: 'legacy-session' },
  };
  const result = { AccessToken: 'a', IdToken: 'i', RefreshToken: 'r', ExpiresIn: 60, TokenType: 'Bearer' };
  it.each<[string, string, number, unknown, string]>([
    ['a page of the network', 'InitiateAuth', 200, '<html>Welcome to the hotel</html>', 'ERR_HANDOVER_UNAVAILABLE'],
    [
      'an endless answer',
      'InitiateAuth',
      200,
      { ...challenge, padding: 'x'.repeat(300_000) },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
    ['a list', 'InitiateAuth', 200, [], 'ERR_HANDOVER_UNAVAILABLE'],
    ['a gateway', 'InitiateAuth', 502, { __type: 'NotAuthorizedException' }, 'ERR_HANDOVER_UNAVAILABLE'],
    ['a name with a namespace', 'InitiateAuth', 400, { __type: 'a.b#NotAuthorizedException' }, 'ERR_HANDOVER_REFUSED'],
    [
      'a client with a secret',
      'InitiateAuth',
      400,
      { __type: 'NotAuthorizedException', message: 'but SECRET_HASH was not received' },
      'ERR_HANDOVER_NOT_ENABLED',
    ],
    ['tokens for nothing', 'InitiateAuth', 200, { AuthenticationResult: result }, 'ERR_HANDOVER_NOT_ENABLED'],
    [
      'the challenge of other triggers',
      'InitiateAuth',
      200,
      { ...challenge, ChallengeParameters: { kind: 'sms' } },
      'ERR_HANDOVER_NOT_ENABLED',
    ],
    [
      'a challenge without parameters',
      'InitiateAuth',
      200,
      { ...challenge, ChallengeParameters: null },
      'ERR_HANDOVER_NOT_ENABLED',
    ],
    ['a challenge without a session', 'InitiateAuth', 200, { ...challenge, Session: 1 }, 'ERR_HANDOVER_NOT_ENABLED'],
    [
      'a session without a token',
      'RespondToAuthChallenge',
      200,
      { AuthenticationResult: { ...result, AccessToken: '' } },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
    [
      'a session of another kind',
      'RespondToAuthChallenge',
      200,
      { AuthenticationResult: { ...result, TokenType: 'DPoP' } },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
    [
      'a session without an end',
      'RespondToAuthChallenge',
      200,
      { AuthenticationResult: { ...result, ExpiresIn: '60' } },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
    [
      'a huge token',
      'RespondToAuthChallenge',
      200,
      { AuthenticationResult: { ...result, IdToken: 'x'.repeat(70_000) } },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
    ['the question once more', 'RespondToAuthChallenge', 200, challenge, 'ERR_HANDOVER_REFUSED'],
    ['nothing', 'RespondToAuthChallenge', 200, {}, 'ERR_HANDOVER_UNAVAILABLE'],
    [
      'a step without a session',
      'RespondToAuthChallenge',
      200,
      { ChallengeName: 'SMS_MFA' },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
    [
      'a step that is a text',
      'RespondToAuthChallenge',
      200,
      { ChallengeName: 'Call Anna', Session: 's' },
      'ERR_HANDOVER_UNAVAILABLE',
    ],
  ])('because of %s says so', async (_, operation, status, body, code) => {
    const { handOver, options } = await stage();
    const { accessToken } = options.legacySession;
    const error = await failure(
      handOver({ legacySession: { accessToken }, fetch: answering(operation, status, body) }),
    );
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/hotel|Anna|SECRET_HASH/);
  });

  it('because a fresh token is none is not the end of the legacy session', async () => {
    const { handOver, options } = await stage();
    const { refreshToken } = options.legacySession;
    const fetch = answering('GetTokensFromRefreshToken', 200, { AuthenticationResult: { AccessToken: 1 } });
    expect(await codeOf(handOver({ legacySession: { refreshToken }, fetch }))).toBe('ERR_HANDOVER_UNAVAILABLE');
  });

  it('because the pool asks for a second factor tells how to go on, and keeps the secret out of logs', async () => {
    const { handOver } = await stage();
    const body = {
      ChallengeName: 'SMS_MFA',
      Session: 'top secret',
      ChallengeParameters: { CODE_DELIVERY: '+1', n: 1 },
    };
    const error = await failure(handOver({ fetch: answering('RespondToAuthChallenge', 200, body) }));
    expect(error).toMatchObject({ code: 'ERR_HANDOVER_CHALLENGE', challenge: 'SMS_MFA' });
    expect([error.session, error.parameters]).toEqual(['top secret', { CODE_DELIVERY: '+1' }]);
    expect(JSON.stringify({ ...error, text: `${error}` })).not.toContain('top secret');
  });
});

describe('the time that it takes', () => {
  it.each(['InitiateAuth', 'RespondToAuthChallenge'])(
    'is limited, also where fetch knows no signals: %s',
    async (operation) => {
      const { handOver } = await stage();
      const fetch: HandoverOptions['fetch'] = (url, request) =>
        request.headers['X-Amz-Target']?.endsWith(operation) ? new Promise(() => {}) : globalThis.fetch(url, request);
      const error = await failure(handOver({ fetch, timeoutMs: 40 }));
      expect([error.code, error.message]).toEqual(['ERR_HANDOVER_UNAVAILABLE', expect.stringContaining('40 ms')]);
    },
  );

  it('ends with the signal of the caller, before and during the exchange', async () => {
    const { handOver, calls } = await stage();
    expect(await codeOf(handOver({ signal: AbortSignal.abort() }))).toBe('ERR_HANDOVER_UNAVAILABLE');
    expect(calls()).toEqual({});
    const leaving = new AbortController();
    const fetch = before({ InitiateAuth: () => leaving.abort('bye') });
    const error = await failure(handOver({ signal: leaving.signal, fetch }));
    expect([error.code, error.cause]).toEqual(['ERR_HANDOVER_UNAVAILABLE', 'bye']);
    expect(calls()['RespondToAuthChallenge']).toBeUndefined();
  });

  it('ends with no session stored that the caller was not told of', async () => {
    const { handOver } = await stage();
    const leaving = new AbortController();
    let answered = () => {};
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const fetch: HandoverOptions['fetch'] = async (url, { signal: _, ...request }) => {
      const response = await globalThis.fetch(url, request);
      const text = await response.text();
      if (!request.headers['X-Amz-Target']?.endsWith('RespondToAuthChallenge'))
        return { status: 200, text: async () => text };
      leaving.abort();
      return {
        status: 200,
        text: async () => {
          setImmediate(answered);
          return text;
        },
      };
    };
    const onNewSession = vi.fn();
    expect(await codeOf(handOver({ fetch, onNewSession, signal: leaving.signal }))).toBe('ERR_HANDOVER_UNAVAILABLE');
    await answer;
    expect(onNewSession).not.toHaveBeenCalled();
  });
});

describe('two calls at once', () => {
  it('share one exchange, and one of them may leave', async () => {
    const { handOver, calls } = await stage();
    const leaving = new AbortController();
    const fetch = before({ RespondToAuthChallenge: () => leaving.abort() });
    const all = [handOver({ fetch, signal: leaving.signal }), handOver(), handOver()];
    const [one, two, three] = await Promise.allSettled(all);
    expect([one?.status, two]).toEqual(['rejected', three]);
    expect(two?.status).toBe('fulfilled');
    expect(calls()).toEqual({ InitiateAuth: 1, RespondToAuthChallenge: 1 });
  });

  it('share one where the access token of one of them has ended: a rotated refresh token is good once', async () => {
    const { handOver, options, calls } = await stage({ rotating: true });
    const { refreshToken } = options.legacySession;
    const ended = tokenOf({ exp: 1 });
    const [one, two] = await Promise.all([
      handOver({ legacySession: { accessToken: ended, refreshToken } }),
      handOver({ legacySession: { refreshToken } }),
    ]);
    expect(two).toEqual(one);
    expect(calls()).toMatchObject({ GetTokensFromRefreshToken: 1, RespondToAuthChallenge: 1 });
  });

  it('are two where the sessions are, or where only access tokens count', async () => {
    const [first, second] = [await stage(), await stage()];
    await Promise.all([first.handOver(), second.handOver()]);
    expect([first, second].map(({ calls }) => calls()['RespondToAuthChallenge'])).toEqual([1, 1]);
    const { refreshToken } = first.options.legacySession;
    const tokens = [tokenOf({ jti: 'a' }), tokenOf({ jti: 'b' })];
    const asked = tokens.map((accessToken) =>
      first.handOver({ legacySession: { accessToken, refreshToken }, legacyPool: undefined } as never),
    );
    await Promise.allSettled(asked);
    expect(first.calls()['RespondToAuthChallenge']).toBe(3);
  });

  it('begin again once the last one has left', async () => {
    const { handOver } = await stage();
    const leaving = new AbortController();
    const first = handOver({ signal: leaving.signal });
    leaving.abort();
    const second = handOver();
    expect(await codeOf(first)).toBe('ERR_HANDOVER_UNAVAILABLE');
    expect((await second).tokenType).toBe('Bearer');
  });
});

describe('an option that is wrong', () => {
  const pool = { region: 'eu-west-1', clientId: 'app' };
  const legacyPool = { ...pool, clientId: 'old' };
  const good = { newPool: pool, legacyPool, username: 'anna', legacySession: { accessToken: 'a.b.c' } };
  it.each<[object, string]>([
    [{ newpool: pool }, 'newpool: unknown option, did you mean newPool?'],
    [{ newPool: undefined }, 'newPool: expected an object'],
    [{ newPool: { ...pool, userPoolId: 'x' } }, 'newPool.userPoolId: unknown option'],
    [
      { newPool: { ...pool, clientSecret: 'hush' } },
      'newPool.clientSecret: app clients with a secret are not supported',
    ],
    [{ newPool: { ...pool, region: 'Ireland' } }, 'newPool.region: expected an AWS Region'],
    [{ newPool: { clientId: 'app' } }, 'newPool.region: expected an AWS Region'],
    [{ newPool: { ...pool, region: 'cn-north-1' } }, 'newPool.endpoint: expected the address'],
    [{ newPool: { ...pool, clientId: 'https://x' } }, 'newPool.clientId: expected the id of an app client'],
    [{ newPool: { ...pool, endpoint: 'http://cognito.example.com' } }, 'newPool.endpoint: expected an https: address'],
    [
      { newPool: { ...pool, endpoint: 'http://127.0.0.1@evil.example' } },
      'newPool.endpoint: expected an https: address',
    ],
    [{ newPool: { ...pool, endpoint: 'https://a.example/?x' } }, 'newPool.endpoint: expected an https: address'],
    [{ legacyPool: pool }, 'legacyPool.clientId: is the app client of newPool too'],
    [{ username: 'anna b' }, 'username: expected 1 to 128 characters without spaces'],
    [{ username: '' }, 'username: expected 1 to 128 characters'],
    [{ legacySession: {} }, 'legacySession: expected accessToken, or refreshToken together with the option legacyPool'],
    [
      { legacySession: { refreshToken: 'r' }, legacyPool: undefined },
      'legacySession: expected accessToken, or refreshToken',
    ],
    [
      { legacySession: { accessToken: 'Bearer a.b.c' } },
      'legacySession.accessToken: expected an access token, got another string',
    ],
    [
      { legacySession: { accessToken: tokenOf({ token_use: 'id' }) } },
      'legacySession.accessToken: expected an access token, got an ID token',
    ],
    [{ legacySession: { accessToken: 7 } }, 'legacySession.accessToken: expected a non-empty string, got number'],
    [{ revoke: 'yes' }, 'revoke: expected true or false'],
    [{ revoke: true, legacyPool: undefined }, 'revoke: needs legacyPool'],
    [{ timeoutMs: 200_000 }, 'timeoutMs: expected a number from 1 to 150000'],
    [{ fetch: 'fetch' }, 'fetch: expected a function'],
    [{ onLegacyTokens: 1 }, 'onLegacyTokens: expected a function'],
    [{ onNewSession: 1 }, 'onNewSession: expected a function'],
    [{ signal: {} }, 'signal: expected an AbortSignal'],
  ])('is named: %j', async (over, message) => {
    const options = {
      ...good,
      ...over,
      ...('fetch' in over ? {} : { fetch: () => Promise.reject(new Error('sent')) }),
    };
    const error = await handOver(options as HandoverOptions).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'ERR_CONFIGURATION' });
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/hush|anna b|Bearer/);
  });

  it.each([
    [{ region: 'us-gov-west-1' }, 'https://cognito-idp.us-gov-west-1.amazonaws.com/'],
    [
      { region: 'cn-north-1', endpoint: 'https://cognito-idp.cn-north-1.amazonaws.com.cn' },
      'https://cognito-idp.cn-north-1.amazonaws.com.cn/',
    ],
    [{ endpoint: 'http://[::1]:9229' }, 'http://[::1]:9229/'],
  ])('is not this: %j', async (over, expected) => {
    const seen: unknown[] = [];
    const fetch: HandoverOptions['fetch'] = (url, { redirect, credentials }) => {
      seen.push(url, redirect, credentials);
      return Promise.reject(new Error('offline'));
    };
    await codeOf(handOver({ ...good, newPool: { clientId: 'app', ...over }, fetch }));
    expect(seen).toEqual([expected, 'error', 'omit']);
  });
});

/** The entry as an app bundles it. */
const bundled = (format: 'esm' | 'iife') =>
  build({
    entryPoints: ['src/handover/hand-over.ts'],
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: 'browser',
    format,
    globalName: format === 'iife' ? 'handover' : '',
    target: 'safari15',
  });

describe('what an app installs', () => {
  it('needs nothing of Node, nor what React Native lacks, and is small', async () => {
    const { outputFiles, metafile } = await bundled('esm');
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.filter(({ external }) => external));
    expect(imports).toEqual([]);
    const text = outputFiles[0]?.text ?? '';
    expect(text).not.toMatch(
      /node:|\bprocess\b|\bBuffer\b|\bcrypto\b|structuredClone|DOMException|new URL\b|\(\?<[=!]/,
    );
    expect(text.length).toBeLessThan(18_000);
  });

  it('works with no more than React Native has', async () => {
    const { options } = await stage({ rotating: true });
    const { outputFiles } = await bundled('iife');
    // No URL, atob, crypto, DOMException, performance, TextDecoder, structuredClone.
    const context = createContext({ fetch, AbortController, setTimeout, clearTimeout, options });
    const { refreshToken } = options.legacySession;
    const legacySession = { refreshToken, accessToken: tokenOf({ exp: 1 }) };
    Object.assign(options, { legacySession, revoke: true, signal: new AbortController().signal });
    runInContext(outputFiles[0]?.text ?? '', context);
    expect(await runInContext('handover.handOver(options)', context)).toMatchObject({ revoked: true });
    const again = runInContext(
      'handover.handOver(options).catch((error) => [error.code, error instanceof Error])',
      context,
    );
    expect([...(await again)]).toEqual(['ERR_LEGACY_SESSION_ENDED', true]);
  });

  it.skipIf(!HAS.chromium)('works in a browser, across origins', async () => {
    const { options, isLegacyAlive } = await stage();
    const { outputFiles } = await bundled('iife');
    const page = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end(`<script>${outputFiles[0]?.text}</script>`);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void page.close());
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    onTestFinished(() => browser.close());
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
    const inPage = (given: object) =>
      tab.evaluate(`handover.handOver(${JSON.stringify(given)}).catch(({ code, message }) => ({ code, message }))`);
    const { refreshToken } = options.legacySession;
    const session = await inPage({ ...options, legacySession: { refreshToken }, revoke: true });
    expect(session).toMatchObject({ tokenType: 'Bearer', revoked: true });
    expect(await isLegacyAlive()).toBe(false);
    expect(await inPage({ ...options, legacySession: { refreshToken } })).toMatchObject({
      code: 'ERR_LEGACY_SESSION_ENDED',
    });
  });
});
