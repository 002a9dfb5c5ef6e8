import { describe, expect, it } from 'vitest';
import { DirectoryError, type ListUsersRequest } from '../../../src/directory/user-types.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { repeatedPages, restartedPages, userPages } from '../../../src/migrate/calls/paging.js';
import { AutoClock } from '../support/auto-clock.js';

const userPoolId = 'eu-west-1_Pool';

function calls() {
  const clock = new AutoClock();
  return { clock, pace: new Pace(10, clock), counts: { attempts: 0, throttled: 0 } };
}

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

describe('pages', () => {
  it('are asked for until they are answered, each with the token of the page before', async () => {
    const how = calls();
    const list = async (token: string | undefined) => {
      if (how.counts.attempts === 2) throw new DirectoryError('throttled', 'list', 'TooManyRequests', 'slow down');
      return { token, nextToken: token === undefined ? 'b' : undefined };
    };
    expect((await all(repeatedPages({ userPoolId }, list, how))).map(({ token }) => token)).toEqual([undefined, 'b']);
    expect(how.counts).toEqual({ attempts: 3, throttled: 1 });
  });

  it('begin where the caller says', async () => {
    const list = async (token: string | undefined) => ({ token, nextToken: undefined });
    expect(await all(repeatedPages({ userPoolId }, list, calls(), 'c'))).toEqual([
      { token: 'c', nextToken: undefined },
    ]);
  });

  it('end with ERR_POOL where the tokens lead in a circle', async () => {
    const pages = repeatedPages({ userPoolId }, async () => ({ nextToken: 'b' }), calls());
    await expect(all(pages)).rejects.toMatchObject({
      code: 'ERR_POOL',
      message: 'pool eu-west-1_Pool gives the same page again and again',
    });
  });

  it('end with the error of the list, for example of a token that is no longer good', async () => {
    const expired = new DirectoryError('token', 'list', 'InvalidParameterException', 'the token has expired');
    await expect(all(repeatedPages({ userPoolId }, () => Promise.reject(expired), calls()))).rejects.toBe(expired);
  });
});

describe('pages of users', () => {
  it.each([
    [50, undefined],
    [51, 'ERR_POOL'],
  ])('may repeat a token %d times: %s', async (times, code) => {
    const asked: ListUsersRequest[] = [];
    const listUsers = async (request: ListUsersRequest) => {
      asked.push(request);
      return { users: [], nextToken: asked.length > times + 1 ? undefined : 'b' };
    };
    const ended = await all(userPages({ userPoolId, listUsers }, { subPrefix: 'a' }, calls())).catch((error) => error);
    expect(ended.code).toBe(code);
    expect(asked.slice(0, 2)).toStrictEqual([{ subPrefix: 'a' }, { subPrefix: 'a', token: 'b' }]);
  });
});

describe('pages that begin again', () => {
  const expired = new DirectoryError('token', 'list', 'InvalidParameterException', 'the token has expired');

  /** Pages of which the first `refusals` tokens are refused. */
  function source(refusals: number, error: unknown = expired) {
    const opened: (string | undefined)[] = [];
    const open = async function* (from: string | undefined) {
      opened.push(from);
      yield `page of ${from}`;
      if (opened.length <= refusals) throw error;
    };
    return { opened, open };
  }

  it('tell of each restart before they follow from the beginning', async () => {
    const { opened, open } = source(1);
    const told: number[] = [];
    const found = await all(restartedPages(open, 'kept', () => told.push(opened.length)));
    expect(found).toEqual(['page of kept', 'page of undefined']);
    expect(told).toEqual([1]);
  });

  it.each([
    [5, undefined],
    [6, expired],
  ])('give up after five restarts: %d refused tokens', async (refusals, error) => {
    const { opened, open } = source(refusals);
    expect(
      await all(restartedPages(open, undefined, () => {})).then(
        () => undefined,
        (one) => one,
      ),
    ).toBe(error);
    expect(opened).toHaveLength(6);
  });

  it('end with any other error at once', async () => {
    const { opened, open } = source(1, new DirectoryError('refused', 'list', 'AccessDenied', 'no'));
    await expect(all(restartedPages(open, undefined, () => {}))).rejects.toMatchObject({ kind: 'refused' });
    expect(opened).toHaveLength(1);
  });

  it('are not restarted by what their reader throws', async () => {
    const { opened, open } = source(0);
    const read = async () => {
      for await (const _ of restartedPages(open, 'kept', () => {})) throw expired;
    };
    await expect(read()).rejects.toBe(expired);
    expect(opened).toEqual(['kept']);
  });
});
