import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { CutoverError } from '../../../src/errors.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { anna, journal, type Shown, verifierBy } from '../host-kit.js';
import { auth, guard, type Lab } from './lab.js';

/** Requests whose decision takes time. */
export function underWaySuite({ route, ask, show, portOf, unless }: Lab): void {
  /** Decisions that the test releases. */
  function gate() {
    const open = new Map<string, { resolve(identity: CutoverIdentity): void; reject(error: Error): void }>();
    const answerOf = (name: string) => () =>
      new Promise<CutoverIdentity>((resolve, reject) => open.set(name, { resolve, reject }));
    const verifier = verifierBy({ a: answerOf('a'), b: answerOf('b') });
    const accept = (name: string) => open.get(name)?.resolve({ ...anna, userId: name });
    const refuse = (name: string) => open.get(name)?.reject(new CutoverError('ERR_TOKEN_EXPIRED', 'x'));
    const arrived = (size: number) => vi.waitFor(() => expect(open.size).toBe(size), { interval: 2 });
    return { open, verifier, accept, refuse, arrived };
  }

  describe('a decision that takes time', () => {
    const both = gate();
    const apart = route(auth({ verifier: both.verifier }), guard('requireUser'));
    it('is not mixed up with one of another request', async () => {
      both.open.clear();
      const answers = [show(apart, 'a'), show(apart, 'b')];
      await both.arrived(2);
      both.accept('b');
      both.accept('a');
      expect((await Promise.all(answers)).map(({ auth: told, placed }) => [told, placed])).toEqual([
        ['a', 'a'],
        ['b', 'b'],
      ]);
    });

    unless('abort')('is not mixed up with one of another request of the same connection', async () => {
      both.open.clear();
      const socket = connect(portOf() ?? 0);
      let received = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        received += chunk;
      });
      const requestOf = (token: string) =>
        `GET ${apart} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      socket.write(requestOf('a') + requestOf('b') + requestOf('anna'));
      await both.arrived(2);
      both.accept('b');
      both.accept('a');
      const shown = () => [...received.matchAll(/\{"placed".*?\}/g)].map(([body]) => (JSON.parse(body) as Shown).auth);
      await vi.waitFor(() => expect(shown()).toEqual(['a', 'b', 'anna']), { interval: 2 });
      socket.destroy();
    });

    const late = gate();
    const reached = vi.fn();
    const legacyTokenHeaders = { sunset: new Date() };
    const { onDecision, taken } = journal();
    const options = { verifier: late.verifier, legacyTokenHeaders, onDecision };
    const limited = route({ limit: true }, auth(options), { reach: reached });
    it.each(['accept', 'refuse'] as const)(
      'comes too late for a request that was answered meanwhile: %s',
      async (end) => {
        late.open.clear();
        const pending = ask(limited, 'a');
        const { status, text, headers } = await pending;
        expect([status, text, headers['sunset'], headers['www-authenticate']]).toEqual([
          503,
          'too slow',
          undefined,
          undefined,
        ]);
        await late.arrived(1);
        late[end]('a');
        await new Promise(setImmediate);
        expect([reached.mock.calls, taken()]).toEqual([[], []]);
      },
    );

    const left = gate();
    const abandoned = route(auth({ verifier: left.verifier }));
    unless('abort')('of a client that has left harms nobody', async () => {
      for (const end of ['accept', 'refuse'] as const) {
        left.open.clear();
        const headers = { Authorization: 'Bearer a' };
        const req = request({ port: portOf(), path: abandoned, headers }).on('error', () => {});
        req.end();
        await left.arrived(1);
        req.destroy();
        await new Promise(setImmediate);
        left[end]('a');
        await new Promise(setImmediate);
        expect((await show(abandoned, 'anna')).auth).toBe('anna');
      }
    });
  });
}
