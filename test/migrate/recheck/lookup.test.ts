import { describe, expect, it } from 'vitest';
import { failure } from '../support/fake-directory.js';
import { setUp } from './support.js';

describe('looking users up', () => {
  it('finds everybody in a pool that does not filter, and knows who is gone', async () => {
    const { ahead, pool, lookup } = setUp(512, { ignoresFilter: true });
    pool.users.delete('u512');
    pool.users.set('u1024', { username: 'u1024', sub: 'other', attributes: {} });
    const found = new Map<string, readonly [string | undefined, string | undefined]>();
    for (let one = await ahead.next(); one !== undefined; one = await ahead.next()) {
      found.set(one.subject.username, [one.found.user?.sub, one.found.holder?.sub]);
    }
    expect(found.get('u0')).toEqual(['000', '000']);
    expect(found.get('u512')).toEqual([undefined, undefined]);
    expect(found.get('u1024')).toEqual([undefined, 'other']);
    expect(found.size).toBe(8);
    expect(lookup.filters).toBe(false);
  });

  it('reads pages to their end, and without a filter where that is refused', async () => {
    const short = setUp(1024, { pageSize: 3 });
    for (let one = await short.ahead.next(); one !== undefined; one = await short.ahead.next()) {
      expect(one.found.user?.sub).toBe(one.subject.sub);
    }
    const { ahead } = setUp(1024, {
      before: (operation, { request }) => {
        if (request?.subPrefix !== undefined) throw failure('invalid', operation);
      },
    });
    for (let one = await ahead.next(); one !== undefined; one = await ahead.next()) {
      expect(one.found.user?.sub).toBe(one.subject.sub);
    }
  });

  it('does not go round in circles', async () => {
    const { ahead } = setUp(1, {
      page: (page, { subPrefix = '' }) => ({ users: page.users.slice(0, 1), nextToken: `${subPrefix}@0` }),
    });
    const all = async () => {
      while ((await ahead.next()) !== undefined);
    };
    await expect(all()).rejects.toMatchObject({ code: 'ERR_POOL' });
    await ahead.end();
  });
});
