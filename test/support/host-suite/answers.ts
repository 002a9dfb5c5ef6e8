import { describe, expect, it } from 'vitest';
import { CutoverError, type CutoverErrorCode } from '../../../src/errors.js';
import type { Step } from '../host-kit.js';
import { type Ask, anna, journal, verifierBy } from '../host-kit.js';
import { auth, challengeOf, guard, invalid, type Lab, optional, write } from './lab.js';

const lacking = /^Bearer realm="api", error="insufficient_scope", error_description="[^"]+"$/;
const twice = /^Bearer realm="api", error="invalid_request", error_description="[^"]+"$/;
const missing = /^Bearer realm="api"$/;

/** One refusal of each kind, with its status and the challenge of its answer. Those of every code: test/errors.test.ts. */
const REFUSALS: readonly (readonly [CutoverErrorCode, number, RegExp | undefined])[] = [
  ['ERR_TOKEN_MISSING', 401, missing],
  ['ERR_CREDENTIALS_AMBIGUOUS', 400, twice],
  ['ERR_TOKEN_EXPIRED', 401, invalid],
  ['ERR_LEGACY_ID_MISSING', 403, lacking],
  ['ERR_KEYS_UNAVAILABLE', 503, undefined],
];

/** Which request is accepted, and what a refusal answers. */
export function answersSuite({ route, ask, statusOf, show, owned, unless }: Lab): void {
  describe('a good token', () => {
    const plain = route(auth());
    const before = route(write, auth());
    it.each(['anna', 'later:anna', 'thenable:anna'])(
      'puts its identity in its place, without a copy: %s',
      async (token) => {
        expect(await show(plain, token)).toEqual({ placed: 'anna', other: null, auth: 'anna', isSame: true });
      },
    );

    it('replaces what another middleware has put there', async () => {
      expect(await show(before, 'anna')).toMatchObject({ placed: 'anna', auth: 'anna' });
    });

    const after = route(auth(), write);
    it('is what getAuth answers, whatever is written to that place afterwards', async () => {
      expect(await show(after, 'anna')).toMatchObject({ placed: 'somebody else', auth: 'anna' });
    });

    const none = route(write);
    it('is needed: getAuth believes nothing that another middleware wrote', async () => {
      const { auth: told } = await show(none, 'anna');
      expect(told).toBe(
        'Error: getAuth: no cutoverAuth ran before this route. Mount one in front of it: cutoverAuth({…})',
      );
    });
  });

  describe('a refused request', () => {
    const plain = route(auth());

    it.each(REFUSALS)('%s is answered by the framework itself with %i', async (code, status, challenge) => {
      for (const token of [code, `later:${code}`, `thenable:${code}`]) {
        const answer = await ask(plain, token);
        expect(answer.status).toBe(status);
        if (challenge === undefined) expect(challengeOf(answer)).toBeUndefined();
        else expect(challengeOf(answer)).toMatch(challenge);
        expect(answer.headers['retry-after']).toBe(status === 503 ? '30' : undefined);
        // What an outage is about names addresses, which are not for everybody.
        if (status === 503) expect(answer.text).not.toContain('sentence for the log');
        expect(answer.text).not.toContain('node_modules');
      }
    });

    it("reaches the application's own error handler with code and status, and has its headers already", async () => {
      for (const token of ['ERR_TOKEN_EXPIRED', 'later:ERR_TOKEN_EXPIRED']) {
        const answer = await owned(plain, token);
        expect([answer.status, answer.body.code]).toEqual([401, 'ERR_TOKEN_EXPIRED']);
        expect(challengeOf(answer)).toMatch(invalid);
      }
      const outage = await owned(plain, 'ERR_KEYS_UNAVAILABLE');
      expect([outage.status, outage.body.code, outage.headers['retry-after']]).toEqual([
        503,
        'ERR_KEYS_UNAVAILABLE',
        '30',
      ]);
    });

    const own = route({ header: 'WWW-Authenticate', value: 'Basic' }, auth());
    it('leaves the headers of the application to a request that is accepted, and none of its own', async () => {
      expect(challengeOf(await ask(own, 'anna'))).toBe('Basic');
      expect(challengeOf(await ask(own, 'bad'))).toMatch(invalid);
      expect(challengeOf(await ask(plain, 'anna'))).toBeUndefined();
    });

    const bug = () => {
      throw new TypeError('a bug');
    };
    const garbage = {
      null: () => null,
      text: () => 'anna',
      empty: () => ({}),
      almost: () => ({ ...anna, userId: '' }),
    };
    const faulty = route(auth({ verifier: verifierBy({ bug, ...garbage }) }));
    it.each(['bug', 'null', 'text', 'empty', 'almost'])(
      'is not what a faulty verifier makes of it, but a fault: %s',
      async (token) => {
        for (const given of [token, `later:${token}`, `thenable:${token}`]) {
          const answer = await owned(faulty, given);
          const message = token === 'bug' ? 'a bug' : 'The verifier answered something that is not an identity.';
          expect([answer.status, answer.body.code, answer.body.message]).toEqual([500, null, message]);
          expect(challengeOf(answer)).toBeUndefined();
          expect(await statusOf(faulty, given)).toBe(500);
        }
      },
    );
  });

  describe('a request without a token', () => {
    const strict = route(auth({ realm: 'the orders' }));
    const loose = route(optional());
    const basic: Ask = { headers: [['Authorization', 'Basic dXNlcjpwYXNz']] };
    const send = ' Send "Authorization: Bearer " followed by the token.';

    it.each<[string, Ask, string]>([
      ['no header', {}, `The request has no Authorization header.${send}`],
      ['another scheme', basic, `The Authorization header uses another scheme than Bearer.${send}`],
      [
        'no scheme',
        { headers: [['Authorization', 'c2VjcmV0.c2VjcmV0']] },
        `The Authorization header has a value without the scheme Bearer.${send}`,
      ],
    ])('is challenged, and told what to send: %s', async (_what, given, message) => {
      const answer = await owned(strict, undefined, given);
      expect([answer.status, challengeOf(answer)]).toEqual([401, 'Bearer realm="the orders"']);
      expect(answer.body).toEqual({ code: 'ERR_TOKEN_MISSING', message });
      expect(await statusOf(strict, undefined, given)).toBe(401);
    });

    it.each<[string, Ask, string | undefined]>([
      ['no header', {}, undefined],
      ['another scheme', basic, undefined],
      ['a good token', { token: 'anna' }, 'anna'],
    ])('passes where credentials are optional: %s', async (_what, given, user) => {
      const { placed, auth: told } = await show(loose, undefined, given);
      expect([placed, told]).toEqual(user === undefined ? [null, 'ERR_TOKEN_MISSING'] : [user, user]);
    });

    it.each<[string, Ask]>([
      ['a bad token', { token: 'bad' }],
      ['an empty token', { headers: [['Authorization', 'Bearer']] }],
    ])('is not one with bad credentials, which never passes: %s', async (_what, given) => {
      expect(await statusOf(loose, undefined, given)).toBe(401);
    });

    const { onDecision, taken } = journal();
    const needy = route(optional({ realm: 'orders', onDecision }), { need: true });
    it('is refused by getAuth as by a guard, and that is reported', async () => {
      const answer = await ask(needy);
      expect([answer.status, challengeOf(answer)]).toEqual([401, 'Bearer realm="orders"']);
      expect(taken()).toEqual(['anonymous', 'ERR_TOKEN_MISSING']);
      const own = await owned(needy);
      expect([own.status, challengeOf(own)]).toEqual([401, 'Bearer realm="orders"']);
    });

    const ofStranger = route(write, optional(), guard('requireUser'));
    it('is not the one of a user that another middleware wrote', async () => {
      expect(await statusOf(ofStranger)).toBe(401);
    });
  });

  describe('more than one credential', () => {
    const strict = route(auth());
    const loose = route(optional());
    const given: [string, Ask][] = [
      [
        'two headers',
        {
          headers: [
            ['Authorization', 'Bearer anna'],
            ['authorization', 'Bearer anna'],
          ],
        },
      ],
      [
        'two headers, one of another scheme',
        {
          headers: [
            ['Authorization', 'Basic YQ=='],
            ['Authorization', 'Bearer anna'],
          ],
        },
      ],
      ['the address', { token: 'anna', query: 'page=2&access_token=anna' }],
    ];
    const inForm: Ask = { token: 'anna', form: 'page=2&access_token=anna' };
    it.each(given)('is refused: %s', async (_what, one) => {
      for (const path of [strict, loose]) {
        const answer = await ask(path, undefined, one);
        expect(answer.status).toBe(400);
        expect(challengeOf(answer)).toMatch(twice);
      }
    });

    unless('form')('is refused: a form', async () => {
      for (const path of [strict, loose]) expect(await statusOf(path, undefined, inForm)).toBe(400);
      expect(await statusOf(strict, undefined, { token: 'anna', form: 'page=2' })).toBe(200);
    });

    it('is not read from the address alone', async () => {
      expect(await statusOf(strict, undefined, { query: 'access_token=anna' })).toBe(401);
    });
  });

  describe('getToken', () => {
    const header = (token: string): Ask => ({ headers: [['X-Token', token]] });
    const own = route(auth({ getToken: (read) => read('x-token') }));
    const lax = route(optional({ getToken: (read) => read('x-token') ?? '' }));
    const throwing = (error: unknown): Step =>
      auth({
        getToken: () => {
          throw error;
        },
      });
    it('says where the token is, in the place of the Authorization header', async () => {
      expect(await statusOf(own, undefined, header('anna'))).toBe(200);
      expect(await statusOf(own, undefined, header('bad'))).toBe(401);
      const answer = await owned(own, 'anna');
      expect(challengeOf(answer)).toBe('Bearer realm="api"');
      expect(answer.body.message).toBe('The request carries no token where getToken looks for it.');
      expect(await statusOf(lax, 'anna')).toBe(200);
    });

    const faulty = route(throwing(new RangeError('mine')));
    const waiting = route(auth({ getToken: async () => 'anna' }));
    const rejecting = route(auth({ getToken: async () => Promise.reject(new Error('mine')) }));
    it("is the application's to mend when it fails or waits", async () => {
      expect((await owned(faulty)).body).toEqual({ code: null, message: 'mine' });
      for (const path of [waiting, rejecting]) {
        const { status, body } = await owned(path);
        expect([status, body.message]).toEqual([500, 'getToken must return a string or undefined, and no promise']);
      }
      for (const path of [faulty, waiting, rejecting]) expect(await statusOf(path, 'anna')).toBe(500);
    });

    const refusing = route(throwing(new CutoverError('ERR_CREDENTIALS_AMBIGUOUS', 'x')));
    it("may refuse a request in the verifier's own terms", async () => {
      expect(await statusOf(refusing, 'anna')).toBe(400);
    });
  });
}
