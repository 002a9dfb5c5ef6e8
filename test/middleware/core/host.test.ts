import { describe, expect, it } from 'vitest';
import { nodeResponse } from '../../../middleware/core/host.js';

/** In every framework: test/middleware/hosts.test.ts. */
describe('the response of Node', () => {
  const { headersOf, isAnswered } = nodeResponse;
  const made = (more: object) => ({ setHeader: () => {}, headersSent: false, writableEnded: false, ...more }) as never;

  it('may be missing, as with the messages of a socket', () => {
    for (const none of [undefined, {} as never]) {
      expect([headersOf(none), isAnswered(none)]).toEqual([undefined, false]);
    }
  });

  it('has headers until they are sent', () => {
    const res = made({});
    expect(headersOf(res)).toBe(res);
    expect(headersOf(made({ headersSent: true }))).toBeUndefined();
  });

  it('is answered once it has ended', () => {
    expect(isAnswered(made({}))).toBe(false);
    expect(isAnswered(made({ writableEnded: true }))).toBe(true);
  });
});
