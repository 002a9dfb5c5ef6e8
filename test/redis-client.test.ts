import { describe, expect, it } from 'vitest';
import { redisCommands, stringsOf } from '../src/redis-client.js';

describe('redisCommands', () => {
  it('asks ioredis and node-redis for bytes', async () => {
    const calls: unknown[][] = [];
    const note = async (...args: unknown[]) => void calls.push(args);
    await redisCommands({ callBuffer: note, sendCommand: note } as never)('GET', 'a');
    await redisCommands({ sendCommand: note })('GET', 'a');
    expect(calls).toEqual([
      ['GET', 'a'],
      [['GET', 'a'], { returnBuffers: true, typeMapping: { 36: Buffer } }],
    ]);
  });

  it('rejects, and never throws, when a client does', async () => {
    const throwing = () => {
      throw new Error('closed');
    };
    await expect(redisCommands({ sendCommand: throwing })('GET', 'a')).rejects.toThrow('closed');
    await expect(redisCommands({ callBuffer: throwing })('GET', 'a')).rejects.toThrow('closed');
  });

  it.each([undefined, null, {}, 'redis://host', { sendCommand: 1 }, { masters: [], sendCommand() {} }])(
    'refuses %j',
    (client) => {
      expect(() => redisCommands(client as never)).toThrow(/client: expected/);
    },
  );
});

describe('stringsOf', () => {
  it.each([
    [
      [Buffer.from('a'), 'b'],
      ['a', 'b'],
    ],
    [new Set(['a']), ['a']],
    [null, []],
    ['text', []],
    [7, []],
  ])('of %j are %j', (reply, strings) => {
    expect(stringsOf(reply)).toEqual(strings);
  });
});
