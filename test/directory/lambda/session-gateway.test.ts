import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/clock.js';
import { createSessionGateway } from '../../../src/directory/lambda/session-gateway.js';
import { exception, scriptedPool } from '../scripted-pool.js';

const POOL = 'eu-west-1_Legacy123';
const SUB = '11111111-1111-4111-8111-111111111111';
const TOKEN = 'header.payload.signature';
/** Waits for no pause between attempts. */
const HASTY: Clock = { now: Date.now, sleep: async () => {} };
const signal = new AbortController().signal;

async function asked(answer: object) {
  const { endpoint, calls } = await scriptedPool(() => answer);
  return { calls, owner: createSessionGateway(POOL, { endpoint }, HASTY).ownerOf(TOKEN, signal) };
}

describe('the owner of a token', () => {
  it('is asked with the token itself, without AWS credentials', async () => {
    const { calls, owner } = await asked({ Username: 'anna', UserAttributes: [{ Name: 'sub', Value: SUB }] });
    expect(await owner).toBe(SUB);
    expect(calls).toMatchObject([{ operation: 'GetUser', input: { AccessToken: TOKEN } }]);
    expect(calls[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    'NotAuthorizedException',
    'UserNotFoundException',
    'PasswordResetRequiredException',
    'UserNotConfirmedException',
  ])('is nobody where the pool refuses the token: %s', async (type) => {
    const { calls, owner } = await asked(exception(type));
    expect(await owner).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['TooManyRequestsException', 'throttled', 3],
    ['InternalErrorException', 'invalid', 1],
    ['ForbiddenException', 'refused', 1],
    ['ResourceNotFoundException', 'refused', 1],
    ['InvalidParameterException', 'invalid', 1],
  ])('is not known after %s, and the error has no part of the token', async (type, kind, attempts) => {
    const { calls, owner } = await asked(exception(type));
    const error = await owner.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DirectoryError', kind });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('payload');
    expect(calls).toHaveLength(attempts);
  });

  it.each([[{ UserAttributes: [] }], [{ UserAttributes: [{ Name: 'sub' }] }], [{}]])(
    'is not known after an answer without it: %j',
    async (answer) => {
      const { owner } = await asked(answer);
      await expect(owner).rejects.toMatchObject({ kind: 'answer' });
    },
  );

  it('is not waited for any longer once the question was given up', async () => {
    const { endpoint } = await scriptedPool(() => ({}));
    const gateway = createSessionGateway(POOL, { endpoint });
    await expect(gateway.ownerOf(TOKEN, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });
});
