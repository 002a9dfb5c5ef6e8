import { describe, expect, it, vi } from 'vitest';
import { findPoolUsers } from '../../../src/directory/lambda/find-users.js';
import { PoolClient } from '../../../src/directory/lambda/pool-client.js';
import { type ReceivedCall, scriptedPool } from '../scripted-pool.js';

vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');

const POOL = 'eu-west-1_Legacy123';
const signal = new AbortController().signal;

async function find(value: string, answer: (call: ReceivedCall) => object) {
  const { endpoint, calls } = await scriptedPool(answer);
  const users = await findPoolUsers(new PoolClient(POOL, { endpoint }), 'email', value, signal);
  return { users, inputs: calls.map(({ input }) => input) };
}

describe('finding users', () => {
  it('asks for one value, whatever it holds, and continues to the last page', async () => {
    const { users, inputs } = await find('a"\\b', ({ input }) =>
      input['PaginationToken'] === undefined
        ? { Users: [], PaginationToken: 'more' }
        : { Users: [{ Username: 'anna', Attributes: [{ Name: 'sub', Value: 's1' }] }] },
    );
    const asked = { UserPoolId: POOL, Filter: 'email = "a\\"\\\\b"' };
    expect(inputs).toEqual([asked, { ...asked, PaginationToken: 'more' }]);
    expect(users).toMatchObject([{ username: 'anna', sub: 's1' }]);
  });

  it('takes a user for enabled only where the pool says so', async () => {
    const { users } = await find('x', () => ({ Users: [{ Username: 'a' }, { Username: 'b', Enabled: true }] }));
    expect(users.map(({ enabled, status }) => [enabled, status])).toEqual([
      [false, 'UNKNOWN'],
      [true, 'UNKNOWN'],
    ]);
  });

  it('goes on where a pool gives a page token once more, with an empty page', async () => {
    let left = 2;
    const { users } = await find('x', () => {
      left -= 1;
      return left >= 0 ? { Users: [], PaginationToken: 'same' } : { Users: [{ Username: 'anna' }] };
    });
    expect(users).toMatchObject([{ username: 'anna' }]);
  });

  it('ends where a pool gives one page again and again', async () => {
    await expect(find('x', () => ({ Users: [], PaginationToken: 'same' }))).rejects.toMatchObject({ kind: 'token' });
  });
});
