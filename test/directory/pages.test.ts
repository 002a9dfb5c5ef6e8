import { describe, expect, it } from 'vitest';
import { items, pages } from '../../src/directory/pages.js';

const pool = { userPoolId: 'eu-west-1_Pool' };

/** A list of pages by token, the first one under `''`, and the tokens it was asked with. */
function listOf(byToken: Readonly<Record<string, { items: readonly number[]; nextToken?: string }>>) {
  const asked: (string | undefined)[] = [];
  const list = async (token: string | undefined) => {
    asked.push(token);
    if (asked.length > 10) throw new Error('asked without end');
    const page = byToken[token ?? ''];
    if (page === undefined) throw new Error('no such page');
    return { items: page.items, nextToken: page.nextToken };
  };
  return { list, asked };
}

async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}

const THREE = {
  '': { items: [1, 2], nextToken: 'b' },
  b: { items: [], nextToken: 'c' },
  c: { items: [3] },
};

describe('pages', () => {
  it('come until one has no token, empty ones included', async () => {
    const { list, asked } = listOf(THREE);
    expect((await all(pages(pool, list))).map((page) => page.items)).toEqual([[1, 2], [], [3]]);
    expect(asked).toEqual([undefined, 'b', 'c']);
  });

  it('begin at the token given', async () => {
    const { list, asked } = listOf(THREE);
    await all(pages(pool, list, 'b'));
    expect(asked).toEqual(['b', 'c']);
  });

  it('are asked for when they are needed', async () => {
    const { list, asked } = listOf(THREE);
    for await (const _page of pages(pool, list)) break;
    expect(asked).toEqual([undefined]);
  });

  it.each([
    ['to itself', { '': { items: [], nextToken: 'b' }, b: { items: [], nextToken: 'b' } }, undefined],
    [
      'back to an earlier page',
      { '': { items: [], nextToken: 'b' }, b: { items: [], nextToken: 'c' }, c: { items: [], nextToken: 'b' } },
      undefined,
    ],
    ['to the page that was begun with', { b: { items: [], nextToken: 'b' } }, 'b'],
  ])('end with an error where a token leads %s', async (_where, byToken, from) => {
    await expect(all(pages(pool, listOf(byToken).list, from))).rejects.toMatchObject({
      name: 'DirectoryError',
      kind: 'token',
      message: 'pool eu-west-1_Pool gives the same page again and again',
    });
  });

  it('may be given again a few times, and the list goes on', async () => {
    let left = 3;
    const list = async (token: string | undefined) => {
      if (token === undefined) return { items: [1], nextToken: 'b' };
      left -= 1;
      return left > 0 ? { items: [], nextToken: 'b' } : { items: [2], nextToken: undefined };
    };
    expect((await all(pages(pool, list, undefined, 2))).flatMap((page) => page.items)).toEqual([1, 2]);
  });

  it('end with the error of the list', async () => {
    await expect(all(pages(pool, listOf({}).list))).rejects.toThrow('no such page');
  });
});

describe('items', () => {
  it('are those of all pages', async () => {
    expect(await all(items(pool, listOf(THREE).list))).toEqual([1, 2, 3]);
  });
});
