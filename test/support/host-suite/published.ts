import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CutoverEvent, createCutoverVerifier, createPhases } from '../../../src/index.js';
import type { TestPools } from '../../../src/testing/index.js';
import { journal, type Options } from '../host-kit.js';
import { auth, challengeOf, guard, type Lab, observe, optional } from './lab.js';

/** With a real verifier: what is published of a request, and the end of legacy tokens. */
export function publishedSuite({ route, ask, owned, show }: Lab, pools: TestPools): void {
  const told: CutoverEvent[] = [];
  const published: unknown[] = [];
  const { onDecision, taken } = journal();
  const subscriber = (message: unknown) => published.push(message);
  beforeAll(() => subscribe('cognito-cutover:decision', subscriber));
  afterAll(() => void unsubscribe('cognito-cutover:decision', subscriber));

  const pool = () => ({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access' as const,
  });
  const verifier = createCutoverVerifier({ ...pool(), onEvent: (event) => told.push(event) });
  const real = (options: Options = {}) => ({ verifier, onDecision, ...options });
  const token = () => pools.person().legacy.accessToken();

  describe('with a real verifier', () => {
    const strict = route(auth(real()), guard('requireScope', 'orders/write'));
    const loose = route(optional(real()));
    const observed = route(observe(real({ compare: (header) => header('x-user-id') })));
    const missing = 'rejected ERR_TOKEN_MISSING';
    const rows: [string, string, () => string | undefined, string[], string[]][] = [
      ['a good token', loose, token, ['accepted'], ['accepted']],
      ['a bad token', loose, () => 'x', ['rejected ERR_TOKEN_MALFORMED'], ['ERR_TOKEN_MALFORMED']],
      ['no token', strict, () => undefined, [missing], ['ERR_TOKEN_MISSING']],
      // The handler calls getAuth.
      [
        'none where it is needed later',
        loose,
        () => undefined,
        ['anonymous', missing],
        ['anonymous', 'ERR_TOKEN_MISSING'],
      ],
      [
        'a guard',
        strict,
        token,
        ['accepted', 'rejected ERR_INSUFFICIENT_SCOPE'],
        ['accepted', 'ERR_INSUFFICIENT_SCOPE'],
      ],
      ['another user', observed, token, ['accepted observe', 'mismatch observe'], ['mismatch']],
      ['a dry run', observed, () => 'x', ['rejected ERR_TOKEN_MALFORMED observe'], ['ERR_TOKEN_MALFORMED']],
    ];
    it.each(rows)('a decision is published and told once: %s', async (_what, path, tokenOf, events, decisions) => {
      for (const list of [told, published]) list.length = 0;
      await ask(path, tokenOf(), { headers: [['X-User-Id', 'ben']] });
      const short = (published as { outcome: string; code?: string; mode?: string }[]).map(({ outcome, code, mode }) =>
        [outcome, code, mode].filter((part) => part !== undefined).join(' '),
      );
      expect(short).toEqual(events);
      expect(told).toEqual(published);
      expect(taken().map((one) => one.split(' ')[0])).toEqual(decisions);
    });

    it('no answer holds text of a token', async () => {
      const mark = 'zqxjkv';
      const { newPool, legacyPool } = pools;
      const tokens = [
        mark,
        newPool.accessToken({ iss: `https://${mark}.example.com/` }),
        newPool.accessToken({ client_id: mark }),
        newPool.accessToken({ legacy_sub: mark }),
        legacyPool.accessToken({ exp: 1, jti: mark }),
        legacyPool.accessToken({ scope: mark }),
      ];
      for (const one of tokens) {
        for (const isOwn of [false, true]) {
          const { status, headers, text } = await ask(strict, one, { isOwn });
          expect(status).toBeGreaterThanOrEqual(401);
          expect(JSON.stringify([headers, text])).not.toContain(mark);
        }
      }
      taken();
    });
  });

  describe('the end of legacy tokens', () => {
    const day = 86_400_000;
    const plan = { announceFrom: new Date(Date.now() - day), acceptUntil: new Date(Date.now() + day) };
    const phases = createPhases({ source: { read: async () => plan } });
    afterAll(() => phases.close());
    beforeAll(() => phases.ready());
    const followed = route({ auth: { ...pool(), legacyTokens: phases } });
    it('is announced by the phases of the verifier', async () => {
      const { status, headers } = await ask(followed, token());
      expect([status, headers['sunset']]).toEqual([200, plan.acceptUntil.toUTCString()]);
      expect(headers['deprecation']).toMatch(/^@\d+$/);
      expect((await ask(followed, pools.person().new.accessToken())).headers['sunset']).toBeUndefined();
    });

    const closed = route({ auth: { ...pool(), legacyTokens: { acceptUntil: new Date(Date.now() - day) } } });
    it('comes, for legacy tokens alone', async () => {
      const { body, ...answer } = await owned(closed, token());
      expect([answer.status, body.code]).toEqual([401, 'ERR_LEGACY_POOL_CLOSED']);
      expect(challengeOf(answer)).toContain('error="invalid_token"');
      const person = pools.person();
      expect((await show(closed, person.new.accessToken())).auth).toBe(person.userId);
    });
  });

  it('a subscriber that throws changes no answer', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    const faulty = () => {
      throw new Error('full disk');
    };
    subscribe('cognito-cutover:decision', faulty);
    try {
      expect((await show(open, token())).auth).not.toBe('');
    } finally {
      unsubscribe('cognito-cutover:decision', faulty);
      warned.mockRestore();
    }
  });
  const open = route(auth({ verifier }));
}
