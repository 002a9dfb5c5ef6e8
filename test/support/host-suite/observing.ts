import { describe, expect, it } from 'vitest';
import { anna, journal, type Options, type Step, verifierBy } from '../host-kit.js';
import { auth, forgiven, guard, type Lab, observe, optional, tokenIs, write } from './lab.js';

const settled = () => new Promise(setImmediate);

/** The dry run. */
export function observingSuite({ route, ask, statusOf, show, unless }: Lab): void {
  const { onDecision, taken } = journal();
  const told = async () => {
    await settled();
    return taken();
  };
  const seen = (options: Options = {}) => observe({ onDecision, ...options });

  describe('an observing cutoverAuth', () => {
    const bug = () => {
      throw new TypeError('a bug');
    };
    const plain = route();
    const observed = route(seen({ verifier: verifierBy({ bug, garbage: () => ({}) }) }));
    it.each([
      ['no token', undefined, 'ERR_TOKEN_MISSING'],
      ['a bad token', 'bad', 'ERR_TOKEN_MALFORMED'],
      ['a bad token, later', 'later:ERR_TOKEN_EXPIRED', 'ERR_TOKEN_EXPIRED'],
      ['a verifier with a bug', 'bug', 'TypeError: a bug'],
      ['a verifier with a bug, later', 'thenable:bug', 'TypeError: a bug'],
      [
        'a verifier that answers anything',
        'garbage',
        'TypeError: The verifier answered something that is not an identity.',
      ],
    ])('lets everything through as it is, and reports: %s', async (_what, token, reported) => {
      const without = await ask(plain, token);
      const answer = await ask(observed, token);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toMatchObject({ placed: null });
      expect(Object.keys(answer.headers)).toEqual(Object.keys(without.headers));
      expect(await told()).toEqual([reported]);
    });

    const nobody =
      /^Error: getAuth: the cutoverAuth in front of this route only observes, and found no identity at once\./;
    it('finds a user at once, and puts it in its place, or later', async () => {
      expect(await show(observed, 'anna')).toEqual({ placed: 'anna', other: null, auth: 'anna', isSame: true });
      expect(await told()).toEqual(['accepted anna']);
      for (const token of ['later:anna', 'thenable:anna']) {
        const { placed, auth: found } = await show(observed, token);
        expect([placed, found]).toEqual([null, expect.stringMatching(nobody)]);
        expect(await told()).toEqual(['accepted anna']);
      }
      expect((await show(observed, 'bad')).auth).toMatch(nobody);
      await told();
    });

    const inUse = route(write, seen(), guard('requireScope', 'orders/read'), guard('requireGroup', 'owners'));
    it('leaves the identity of the authentication in use alone, and judges by its own', async () => {
      expect(await show(inUse, 'anna')).toMatchObject({ placed: 'somebody else', auth: 'anna' });
      expect(await told()).toEqual(['accepted anna', 'ERR_GROUP_REQUIRED']);
    });

    const guarded = route(
      seen({ credentialsRequired: false }),
      guard('requireScope', 'orders/delete'),
      guard('requireGroup', 'owners'),
    );
    it.each([
      ['anna', ['accepted anna', 'ERR_INSUFFICIENT_SCOPE', 'ERR_GROUP_REQUIRED']],
      ['later:anna', ['accepted anna', 'ERR_INSUFFICIENT_SCOPE', 'ERR_GROUP_REQUIRED']],
      // A refused request would not come to the guards.
      ['bad', ['ERR_TOKEN_MALFORMED']],
      [undefined, ['anonymous', 'ERR_TOKEN_MISSING', 'ERR_TOKEN_MISSING']],
    ])('holds for the guards after it: %s', async (token, reported) => {
      expect(await statusOf(guarded, token)).toBe(200);
      expect(await told()).toEqual(reported);
    });

    const compared: [string, () => unknown, string][] = [
      ['the same user', () => 'anna', 'accepted anna'],
      ['another user', () => 'ben', 'mismatch anna ben'],
      ['nobody', () => undefined, 'accepted anna'],
      ['null', () => null, 'accepted anna'],
      ['a promise', async () => 'anna', 'TypeError: compare must return a string or undefined, and no promise'],
      [
        'a promise that rejects',
        () => Promise.reject(new Error('mine')),
        'TypeError: compare must return a string or undefined, and no promise',
      ],
      [
        'an exception',
        () => {
          throw new RangeError('mine');
        },
        'RangeError: mine',
      ],
    ];
    const comparing = compared.map(([what, compare, reported]) => {
      return [what, route(write, seen({ compare })), reported] as const;
    });
    it.each(comparing)('compares with the authentication in use, which found %s', async (_whom, path, reported) => {
      for (const token of ['anna', 'later:anna']) {
        expect((await show(path, token)).placed).toBe('somebody else');
        expect(await told()).toEqual([reported]);
      }
    });

    const byHeader = route(seen({ compare: (header) => header('x-user-id') }));
    it('is given the request to compare with', async () => {
      expect(await statusOf(byHeader, 'anna', { headers: [['X-User-Id', 'ben']] })).toBe(200);
      expect(await told()).toEqual(['mismatch anna ben']);
    });

    const faulty = [
      () => {
        throw new Error('mine');
      },
      () => Promise.reject(new Error('mine')),
    ].map((listener) => [route(observe({ onDecision: listener })), route(auth({ onDecision: listener }))] as const);
    const rejecting = route(observe({ getToken: () => Promise.reject(new Error('mine')) }));
    it('survives listeners and functions of the application that throw or reject, and so does an enforcing one', async () => {
      for (const [observes, enforces] of faulty) {
        for (const token of ['anna', 'later:anna']) {
          expect([await statusOf(observes, token), await statusOf(enforces, token)]).toEqual([200, 200]);
        }
        expect([await statusOf(observes, 'bad'), await statusOf(enforces, 'bad')]).toEqual([200, 401]);
      }
      expect(await statusOf(rejecting, 'anna')).toBe(200);
    });

    const fixed = route({ fix: true }, seen());
    unless('fix')('reports a request once where it cannot set the identity', async () => {
      expect(await statusOf(fixed, 'anna')).toBe(200);
      expect(await told()).toEqual(['accepted anna']);
    });

    let answer: (identity: unknown) => void = () => {};
    const waiting = () => new Promise((resolve) => (answer = resolve));
    const never = route(seen({ verifier: verifierBy({ waiting }) }), guard('requireGroup', 'admins'));
    it('holds nobody up, even with a verifier that does not answer', async () => {
      expect(await statusOf(never, 'waiting')).toBe(200);
      expect(await told()).toEqual([]);
      answer(anna);
      expect(await told()).toEqual(['accepted anna', 'ERR_GROUP_REQUIRED']);
    });
  });

  describe('beside an enforcing one', () => {
    const asAdmin = (how: string) => observe(tokenIs(`${how}admin`));
    const judges = [guard('requireScope', 'orders/write'), guard('requireAnyGroup', 'admins')];
    const stacks: [string, (one: Step) => Step[]][] = [
      ['behind', (one) => [auth(), one]],
      ['before', (one) => [one, auth()]],
      ['on both sides of', (one) => [one, auth(), one]],
    ];
    const paths = stacks.map(([where, stack]) => {
      const all = ['', 'later:'].flatMap((how) => judges.map((judge) => route(...stack(asAdmin(how)), judge)));
      return [where, all] as const;
    });
    it.each(paths)('an observing one %s it loosens nothing', async (_where, all) => {
      for (const path of all) {
        const given = [await statusOf(path, 'anna'), await statusOf(path, 'bad'), await statusOf(path)];
        expect(given).toEqual([403, 401, 401]);
      }
    });

    const tightening = route(auth(), seen(tokenIs('machine')), guard('requireUser'), guard('requireGroup', 'staff'));
    it('an observing one tightens nothing, and reports for itself', async () => {
      expect(await show(tightening, 'anna')).toMatchObject({ placed: 'anna', auth: 'anna' });
      expect(await told()).toEqual(['accepted client', 'ERR_INSUFFICIENT_SCOPE', 'ERR_GROUP_REQUIRED']);
    });

    const anonymous = route(optional(), observe());
    const refused = route(forgiven(auth(tokenIs('bad'))), observe());
    const first = route(seen(tokenIs('later:anna')), seen(tokenIs('admin')));
    it('getAuth answers what was enforced, and otherwise who was observed at once', async () => {
      expect((await show(anonymous, 'anna')).auth).toBe('anna');
      expect((await show(refused, 'anna')).auth).toBe('ERR_TOKEN_MALFORMED');
      expect((await show(first)).auth).toBe('admin');
      await told();
    });
  });
}
