import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
// @ts-expect-error The example is JavaScript without types.
import { signIn } from '../../examples/express-app/shop/sign-in.mjs';

/** A pool that answers this. */
async function poolWith(status: number, body: string) {
  const server = createServer((_req, res) => res.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { endpoint: `http://127.0.0.1:${port}/`, clientId: 'web', token: 'IdToken' };
}

const failure = (name: string) => JSON.stringify({ __type: `com.amazonaws.cognito#${name}` });

it.each([
  ['the token', 200, JSON.stringify({ AuthenticationResult: { IdToken: 'a.b.c' } }), { token: 'a.b.c' }],
  ['a second factor', 200, JSON.stringify({ ChallengeName: 'SMS_MFA' }), { refused: 'challenge' }],
  ['a new password', 400, failure('PasswordResetRequiredException'), { refused: 'challenge' }],
  ['nobody of that name', 400, failure('UserNotFoundException'), { refused: 'wrong' }],
  ['a wrong password', 400, failure('NotAuthorizedException'), { refused: 'wrong' }],
  ['a throttle', 400, failure('TooManyRequestsException'), { refused: 'busy' }],
  ['something new', 400, failure('constructor'), { refused: 'unavailable' }],
  ['a fault', 500, '<html>', { refused: 'unavailable' }],
  ['a number', 200, '42', { refused: 'unavailable' }],
  ['nothing', 200, 'null', { refused: 'unavailable' }],
])('the sign-in of the shop understands %s', async (_, status, body, expected) => {
  expect(await signIn(await poolWith(status, body), 'anna', 'secret')).toEqual(expected);
});

it('the sign-in of the shop says that a pool cannot be reached', async () => {
  const place = { endpoint: 'http://127.0.0.1:1/', clientId: 'web', token: 'IdToken' };
  expect(await signIn(place, 'anna', 'secret')).toEqual({ refused: 'unavailable' });
});
