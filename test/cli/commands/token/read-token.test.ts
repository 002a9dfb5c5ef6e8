import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readToken } from '../../../../src/cli/commands/token/read-token.js';
import { Screenful } from '../../support.js';

function start(isTTY = false) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = new Screenful();
  const stop = new AbortController();
  const read = () => readToken({ stdin, stderr, signal: stop.signal });
  return { stdin, stderr, stop, read };
}

describe('a token that is piped', () => {
  it.each([
    'a.b.c',
    'a.b.c\n',
    ' \r\n a.b.c \t\n',
    'Bearer a.b.c',
    'bearer   a.b.c\n',
    'Authorization: Bearer a.b.c\r\n',
    'authorization:bearer a.b.c',
  ])('%j', async (text) => {
    const { stdin, read } = start();
    stdin.end(text);
    expect(await read()).toBe('a.b.c');
  });

  it('comes in pieces', async () => {
    const { stdin, read } = start();
    const token = read();
    for (const piece of ['a.', 'b.', 'c']) stdin.write(piece);
    stdin.end();
    expect(await token).toBe('a.b.c');
  });

  it.each(['', ' \n', 'Bearer', 'Bearer \n'])('is none: %j', async (text) => {
    const { stdin, read } = start();
    stdin.end(text);
    await expect(read()).rejects.toMatchObject({ code: 'ERR_CONFIGURATION', option: 'standard input' });
  });

  it('is not read to the end of a large file', async () => {
    const { stdin, read } = start();
    const token = read();
    // Never ended: what is too long is refused before that.
    stdin.write('a'.repeat(65_537));
    await expect(token).rejects.toThrow('more than 65536 characters');
  });

  it('is not waited for after an interruption, and its pipe keeps no process alive', async () => {
    const { stdin, stop, read } = start();
    const token = read();
    stdin.write('a.b');
    stop.abort(new Error('stopped'));
    await expect(token).rejects.toThrow('stopped');
    expect(stdin.destroyed).toBe(true);
  });
});

describe('a token that is pasted', () => {
  it('is one line, of any length, and is not shown', async () => {
    const { stdin, stderr, read } = start(true);
    const token = read();
    stdin.write(`Bearer ${'a'.repeat(9_000)}\r`);
    expect(await token).toBe('a'.repeat(9_000));
    expect(stderr.text).toBe('Paste the token and press Enter. It is not shown.\n');
  });

  it('is none at the end of the input', async () => {
    const { stdin, read } = start(true);
    const token = read();
    stdin.end();
    await expect(token).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' });
  });

  it.each([
    ['Ctrl-C', (one: ReturnType<typeof start>) => one.stdin.write('\u0003'), 'interrupted before there was a token'],
    ['a signal', (one: ReturnType<typeof start>) => one.stop.abort(new Error('stopped')), 'stopped'],
  ])('is not waited for after %s', async (_, interrupt, message) => {
    const one = start(true);
    const token = one.read();
    interrupt(one);
    await expect(token).rejects.toThrow(message);
  });
});
