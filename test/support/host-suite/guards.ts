import { describe, expect, it } from 'vitest';
import type { Step } from '../host-kit.js';
import { auth, challengeOf, forgiven, guard, type Lab, optional, tokenIs, write } from './lab.js';

/** What routes ask of an identity. */
export function guardsSuite({ route, ask, statusOf, show, owned, unless }: Lab): void {
  describe('a guard', () => {
    const inRealm = auth({ realm: 'orders' });
    const judged: [string, string, Step, number, string?][] = [
      ['a scope of the token', 'anna', guard('requireScope', 'orders/read'), 200],
      ['all scopes of it', 'anna', guard('requireScope', 'orders/list', 'orders/read'), 200],
      ['a scope it lacks', 'anna', guard('requireScope', 'orders/write'), 403, 'scope="orders/write"'],
      ['one it has, one it lacks', 'anna', guard('requireScope', 'orders/read', 'b'), 403, 'scope="orders/read b"'],
      ['part of a scope', 'anna', guard('requireScope', 'orders'), 403, 'scope="orders"'],
      ['any of two scopes', 'anna', guard('requireAnyScope', 'b', 'orders/read'), 200],
      ['any of others', 'anna', guard('requireAnyScope', 'a', 'b'), 403, 'scope="a b"'],
      ['a group of the user', 'anna', guard('requireGroup', 'staff'), 200],
      ['all groups of the user', 'anna', guard('requireGroup', 'editors', 'staff'), 200],
      ['another group', 'anna', guard('requireGroup', 'admins'), 403, 'The user is not in a required group.'],
      ['one of two groups', 'anna', guard('requireGroup', 'staff', 'admins'), 403, ''],
      ['a group in another case', 'anna', guard('requireGroup', 'Staff'), 403, ''],
      ['any of two groups', 'anna', guard('requireAnyGroup', 'admins', 'staff'), 200],
      ['any of other groups', 'anna', guard('requireAnyGroup', 'admins', 'owners'), 403, ''],
      ['a user', 'anna', guard('requireUser'), 200],
      ['a user, of a machine', 'machine', guard('requireUser'), 403, ''],
    ];
    const cases = judged.map(([what, token, step, status, challenge]) => {
      return [what, token, route(inRealm, step), status, challenge] as const;
    });
    it.each(cases)('judges the identity: %s', async (_what, token, path, status, challenge) => {
      for (const given of [token, `later:${token}`]) {
        const answer = await ask(path, given);
        expect(answer.status).toBe(status);
        if (challenge === undefined) expect(challengeOf(answer)).toBeUndefined();
        else expect(challengeOf(answer)).toMatch(/^Bearer realm="orders", error="insufficient_scope", /);
        expect(challengeOf(answer) ?? '').toContain(challenge ?? '');
      }
    });

    const guards = [
      guard('requireScope', 'orders/read'),
      guard('requireAnyScope', 'orders/read'),
      guard('requireGroup', 'staff'),
      guard('requireAnyGroup', 'staff'),
      guard('requireUser'),
    ];
    const anonymous = guards.map((one) => route(write, optional(), one));
    it('asks an anonymous request for a token', async () => {
      for (const path of anonymous) {
        const answer = await ask(path);
        expect([answer.status, challengeOf(answer)]).toEqual([401, 'Bearer realm="api"']);
      }
    });

    const alone = guards.map((one) => [route(one), route(write, one)]);
    it('without a cutoverAuth in front is a fault of the application, whatever is in the place of the identity', async () => {
      for (const [index, paths] of alone.entries()) {
        const name = (guards[index] as { guard: string }).guard;
        for (const path of paths) {
          const { status, body } = await owned(path, 'admin');
          expect([status, body.message]).toEqual([500, `${name}: no cutoverAuth ran before this route`]);
          expect(await statusOf(path, 'admin')).toBe(500);
        }
      }
    });

    const says: [string, Step][] = [
      ['requireScope(orders/read, a)', guard('requireScope', 'orders/read', 'a')],
      ['requireAnyGroup(admins, owners)', guard('requireAnyGroup', 'admins', 'owners')],
      ['requireUser(): it belongs to a machine.', guard('requireUser')],
    ];
    const saying = says.map(([message, step]) => [message, route(auth(), step)] as const);
    it.each(saying)('says what it asks for: %s', async (message, path) => {
      const { status, body, ...answer } = await owned(path, 'machine');
      expect([status, body.message]).toEqual([403, expect.stringContaining(message)]);
      expect(challengeOf(answer)).toMatch(/error="insufficient_scope"/);
    });

    const distrusting = [
      [write, auth()],
      [auth(), write],
    ].map((stack) => route(...stack, guard('requireGroup', 'admins')));
    it('trusts nothing that another middleware wrote, before or after cutoverAuth', async () => {
      for (const path of distrusting)
        expect([await statusOf(path, 'anna'), await statusOf(path, 'admin')]).toEqual([403, 200]);
    });

    const builds = [true, false].map((isOfOtherBuild) => {
      const [one, another] = [{ isOfOtherBuild }, { isOfOtherBuild: !isOfOtherBuild }];
      const first: Step = { ...(auth() as object), ...one } as Step;
      const last: Step = { ...(guard('requireGroup', 'admins') as object), ...another } as Step;
      const refusing: Step = { ...(auth(tokenIs('bad')) as object), ...another } as Step;
      return [route(first, last, { need: true }), route(first, forgiven(refusing))] as const;
    });
    it('of the CommonJS build trusts the ESM build, and the other way round', async () => {
      for (const [guarded, refused] of builds) {
        expect([await statusOf(guarded, 'admin'), await statusOf(guarded, 'anna')]).toEqual([200, 403]);
        expect(await show(refused, 'anna')).toMatchObject({ placed: null, auth: 'ERR_TOKEN_MALFORMED' });
      }
    });

    const uncalled = (['cutoverAuth', 'requireScope', 'requireAnyGroup', 'requireUser'] as const).map(
      (name) => [name, route({ uncalled: name }), route(auth(), { uncalled: name })] as const,
    );
    for (const [name, ...paths] of uncalled) {
      unless('uncalled')(
        `that was passed without being called fails the request, and says how to call it: ${name}`,
        async () => {
          for (const path of paths) {
            const { status, body } = await owned(path, 'anna');
            expect([status, body.code]).toEqual([500, 'ERR_CONFIGURATION']);
            expect(body.message).toMatch(
              new RegExp(`^${name}: was passed without being called. Call it: .*${name}\\(`),
            );
          }
        },
      );
    }
  });
}
