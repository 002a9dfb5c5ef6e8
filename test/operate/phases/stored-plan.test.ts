import { expect, it } from 'vitest';
import { planReader } from '../../../src/operate/phases/stored-plan.js';

const EMPTY = { announceFrom: null, acceptSignInsBefore: null, acceptUntil: null };

it('a plan that was there and is gone was lost, and does not open the pool', async () => {
  let text: string | null | undefined = null;
  const read = planReader('the key k', async () => text);
  expect(await read()).toBeUndefined();
  text = '{"acceptUntil":"2026-12-01T00:00:00Z"}';
  expect(await read()).toEqual({ ...EMPTY, acceptUntil: new Date('2026-12-01T00:00:00Z') });
  for (text of [null, undefined]) {
    await expect(read()).rejects.toThrow('The plan is gone from the key k. Set it again');
  }
  text = '{}';
  expect(await read()).toEqual(EMPTY);
});

it('a text that is not a plan was there as well', async () => {
  let text: string | null = '{';
  const read = planReader('the key k', async () => text);
  await expect(read()).rejects.toThrow('plan: expected JSON, got "{"');
  text = null;
  await expect(read()).rejects.toThrow('gone');
});

it.each([[['{}']], [{ S: '{}' }], [5]])('what is not a text is no plan: %j', async (value) => {
  const read = planReader('the key k', async () => value as never);
  await expect(read()).rejects.toThrow('the key k holds something else than a text');
});
