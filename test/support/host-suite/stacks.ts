import { describe, expect, it } from 'vitest';
import { type Options, type Step, verifierBy } from '../host-kit.js';
import { auth, challengeOf, forgiven, guard, invalid, type Lab, observe, optional, tokenIs, write } from './lab.js';

/** Several of them in front of one route, and what an error handler lets through. */
export function stacksSuite({ route, ask, statusOf, show, owned, unless }: Lab): void {
  const bad = auth(tokenIs('bad'));
  const down = auth(tokenIs('ERR_KEYS_UNAVAILABLE'));
  const asAdmin = auth(tokenIs('admin'));

  describe('several that enforce', () => {
    const last = route(auth(), asAdmin, guard('requireGroup', 'admins'));
    const lastIsLess = route(asAdmin, auth(), guard('requireGroup', 'admins'));
    const lastFoundNone = route(asAdmin, optional(tokenIs(undefined)), guard('requireGroup', 'admins'));
    it('end with the last one that found credentials', async () => {
      expect(await show(last, 'anna')).toMatchObject({ placed: 'admin', auth: 'admin' });
      expect(await statusOf(lastIsLess, 'anna')).toBe(403);
      expect(await show(lastFoundNone)).toMatchObject({ placed: 'admin', auth: 'admin' });
    });

    const refusedAfter = route(auth(), bad);
    it('refuse what one of them refuses', async () => {
      expect(await statusOf(refusedAfter, 'anna')).toBe(401);
      expect(await statusOf(last, 'bad')).toBe(401);
    });

    const own = { property: 'cutover' };
    const beside = route(auth(), auth({ ...own, ...tokenIs('admin') }));
    const besideStranger = route(write, auth(own), guard('requireGroup', 'staff'));
    it('stand beside each other with a property of their own', async () => {
      expect(await show(beside, 'anna')).toEqual({ placed: 'anna', other: 'admin', auth: 'admin', isSame: true });
      expect(await show(besideStranger, 'anna')).toEqual({
        ...{ placed: 'somebody else', other: 'anna', auth: 'anna', isSame: true },
      });
    });

    const stacks: [string, Step[]][] = [
      ['the second one', [auth(), bad]],
      ['the second one, later', [auth(), auth(tokenIs('later:ERR_TOKEN_EXPIRED'))]],
      ['the second one, with the same property', [auth(own), auth({ ...own, ...tokenIs('bad') })]],
      ['a third one', [auth(), auth(own), auth({ property: 'third', ...tokenIs('bad') })]],
      ['one after an observing one', [observe(own), bad]],
      ['one after two that observe', [observe(), observe(own), auth({ property: 'x', ...tokenIs('bad') })]],
      ['one that another observes', [auth(), auth(own), observe({ property: 'x' }), bad]],
    ];
    const withdrawn = stacks.map(([what, stack]) => {
      return [what, route(...stack.slice(0, -1), forgiven(stack.at(-1) as Step))] as const;
    });
    it.each(withdrawn)('take back every identity when a request is refused by %s', async (_what, path) => {
      const seen = await show(path, 'anna');
      expect(seen).toMatchObject({ placed: null, other: null, isSame: false });
      expect(seen.auth).toMatch(/^ERR_/);
    });

    const notOurs = route(auth(), write, forgiven(auth({ ...own, ...tokenIs('bad') })));
    it('take back nothing that is not theirs', async () => {
      expect(await show(notOurs, 'anna')).toMatchObject({ placed: 'somebody else', other: null });
    });

    const fixed = route({ fix: true }, auth(), { need: true });
    const fixedLater = route(auth(), { fix: true }, forgiven(auth()), guard('requireUser'));
    unless('fix')('let nobody through whose identity has no place', async () => {
      for (const token of ['anna', 'later:anna']) {
        expect([await statusOf(fixed, token), await statusOf(fixedLater, token)]).toEqual([500, 500]);
      }
    });
  });

  describe('a refusal that an error handler lets through', () => {
    const refused = {
      bad: forgiven(bad),
      down: forgiven(down),
      guard: forgiven(guard('requireScope', 'orders/write')),
    };
    const needs: [string, Step][] = [
      ['a guard', guard('requireUser')],
      ['getAuth', { need: true }],
    ];
    const anonymous = optional(tokenIs(undefined));
    const paths = needs.map(([what, need]) => {
      const stacks: [Step[], number, string | null][] = [
        [[refused.down, need], 503, 'ERR_KEYS_UNAVAILABLE'],
        [[refused.bad, need], 401, 'ERR_TOKEN_MALFORMED'],
        [[auth(), refused.bad, need], 401, 'ERR_TOKEN_MALFORMED'],
        [[observe(), refused.bad, need], 401, 'ERR_TOKEN_MALFORMED'],
        [[refused.down, anonymous, need], 503, 'ERR_KEYS_UNAVAILABLE'],
        [[refused.down, observe(), need], 503, 'ERR_KEYS_UNAVAILABLE'],
        [[forgiven(auth({ getToken: async () => 'anna' })), need], 500, null],
        [[forgiven(auth({ verifier: verifierBy({ anna: () => undefined }) })), need], 500, null],
      ];
      return [what, stacks.map(([stack, ...expected]) => [route(...stack), ...expected] as const)] as const;
    });
    it.each(paths)('is the answer of %s: neither an outage nor a fault becomes a 401', async (_what, all) => {
      for (const [path, status, code] of all) {
        const answer = await owned(path, 'anna');
        expect([answer.status, answer.body.code]).toEqual([status, code]);
        expect(await statusOf(path, 'anna')).toBe(status);
        if (status === 503) expect((await ask(path, 'anna')).text).not.toContain('for the log');
      }
    });

    const accepted: [string, Step[]][] = [
      ['of a bad token', [refused.bad]],
      ['of a guard', [auth(), refused.guard]],
      ['of several', [refused.bad, refused.down]],
      ['of one that an observing one follows', [refused.bad, observe()]],
    ];
    const over = accepted.map(([what, stack]) => [what, route(...stack, auth(), guard('requireUser'))] as const);
    it.each(over)('is over, with its headers, once another one accepts: %s', async (_what, path) => {
      const answer = await ask(path, 'anna');
      expect([answer.status, challengeOf(answer), answer.headers['retry-after']]).toEqual([200, undefined, undefined]);
    });

    const first = route(refused.bad, down);
    const then = route(refused.down, bad);
    const kept = route(refused.bad, refused.down, guard('requireUser'));
    it('gives way to the headers of a later one', async () => {
      for (const path of [first, kept]) {
        const answer = await owned(path, 'anna');
        expect([answer.status, challengeOf(answer), answer.headers['retry-after']]).toEqual([503, undefined, '30']);
      }
      const answer = await owned(then, 'anna');
      expect([answer.status, answer.headers['retry-after']]).toEqual([401, undefined]);
      expect(challengeOf(answer)).toMatch(invalid);
    });

    const basic = route(refused.bad, { header: 'WWW-Authenticate', value: 'Basic' }, auth());
    it('takes no header of the application with it', async () => {
      expect(challengeOf(await ask(basic, 'anna'))).toBe('Basic');
    });
  });

  describe('the headers on answers to legacy tokens', () => {
    const sunset = new Date('2026-06-30T00:00:00Z');
    const link = 'https://example.com/new-sign-in';
    const options: Options = { legacyTokenHeaders: { deprecation: new Date(0), sunset, link } };
    const once = route(auth(options));
    const again = route({ header: 'Link', value: '</orders?page=2>; rel="next"' }, auth(options), auth(options));
    const observing = route(observe(options));
    const announced = {
      ...{ deprecation: '@0', sunset: 'Tue, 30 Jun 2026 00:00:00 GMT' },
      link: `<${link}>; rel="deprecation"; type="text/html"`,
    };
    const of = async (path: string, token: string) => {
      const { headers } = await ask(path, token);
      return { deprecation: headers['deprecation'], sunset: headers['sunset'], link: headers['link'] };
    };
    it('are on those alone', async () => {
      for (const token of ['anna', 'later:anna']) expect(await of(once, token)).toEqual(announced);
      expect(await of(once, 'admin')).toEqual({});
      expect(await of(observing, 'anna')).toEqual({});
    });

    it('stand beside the links of the application, once', async () => {
      const link = `</orders?page=2>; rel="next", ${announced.link}`;
      expect(await of(again, 'anna')).toEqual({ ...announced, link });
    });

    const guarded = route(auth({ ...options, verifier: verifierBy() }), guard('requireGroup', 'admins'));
    it('are on the answer of an error handler of the application, too', async () => {
      expect(await owned(guarded, 'anna')).toMatchObject({ status: 403, headers: announced });
    });
  });
}
