import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it, vi } from 'vitest';
import { isTokenRefused } from '../../src/directory/failures.js';
import { createUserReader } from '../../src/directory/user-reader.js';
import { exception, type ReceivedCall, scriptedPool } from './scripted-pool.js';

vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');

const POOL = 'eu-west-1_New456789';
const signal = new AbortController().signal;

async function reader(answer: (call: ReceivedCall) => object) {
  const { endpoint, calls } = await scriptedPool(answer);
  return { reader: createUserReader({ userPoolId: POOL, endpoint }), calls };
}

const failure = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

describe('a user', () => {
  it('is read by username or by an access token, in one call each', async () => {
    const { reader: users, calls } = await reader(() => ({ UserAttributes: [{ Name: 'sub', Value: 's1' }] }));
    expect(await users.byUsername('anna', signal)).toEqual({ sub: 's1' });
    expect(await users.byAccessToken('token', signal)).toEqual({ sub: 's1' });
    expect(calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['AdminGetUser', { UserPoolId: POOL, Username: 'anna' }],
      ['GetUser', { AccessToken: 'token' }],
    ]);
  });

  it('who does not exist is undefined', async () => {
    const { reader: users } = await reader(() => exception('UserNotFoundException'));
    expect(await users.byUsername('nobody', signal)).toBeUndefined();
  });
});

describe('a failure', () => {
  it('is sorted, not repeated, and holds nothing of the user', async () => {
    const { reader: users, calls } = await reader(() => exception('TooManyRequestsException', 'about anna'));
    const error = await failure(users.byUsername('anna', signal));
    expect(error).toMatchObject({ name: 'DirectoryError', kind: 'throttled', operation: 'AdminGetUser' });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain('anna');
    expect(calls).toHaveLength(1);
  });

  it('after its signal aborted is the reason of the signal', async () => {
    const { reader: users } = await reader(() => ({}));
    await expect(users.byUsername('anna', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it.each([
    ['NotAuthorizedException', true],
    ['PasswordResetRequiredException', true],
    ['UserNotConfirmedException', true],
    ['TooManyRequestsException', false],
    ['ForbiddenException', false],
  ])('of GetUser is about the one token: %s: %s', async (type, refused) => {
    const { reader: users } = await reader(() => exception(type));
    expect(isTokenRefused(await failure(users.byAccessToken('token', signal)))).toBe(refused);
  });

  it('of AdminGetUser is never about a token', async () => {
    const { reader: users } = await reader(() => exception('NotAuthorizedException'));
    expect(isTokenRefused(await failure(users.byUsername('anna', signal)))).toBe(false);
  });
});

describe('options', () => {
  it.each(['region', 'endpoint'] as const)('%s is refused together with a client', (option) => {
    const client = new CognitoIdentityProviderClient({ region: 'eu-west-1' });
    expect(() => createUserReader({ userPoolId: POOL, client, [option]: 'https://example.com' })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', option }),
    );
  });

  it('need a user pool id', () => {
    expect(() => createUserReader({ userPoolId: '' })).toThrow(expect.objectContaining({ option: 'userPoolId' }));
  });
});
