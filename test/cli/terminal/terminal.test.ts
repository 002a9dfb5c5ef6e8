import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askYesNo, coloursFor } from '../../../src/cli/terminal/terminal.js';
import { Screenful } from '../support.js';

describe('colours', () => {
  it.each<[boolean, Record<string, string>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j: %s', (terminal, env, coloured) => {
    expect(coloursFor(new Screenful(terminal), env).red('x') !== 'x').toBe(coloured);
  });
});

describe('askYesNo', () => {
  const ask = (input: string, signal = new AbortController().signal) => {
    const stdin = new PassThrough();
    const output = new Screenful(true);
    stdin.end(input);
    return askYesNo('Write 3 users?', { input: stdin, output, signal }).then((answer) => [answer, output.text]);
  };

  it.each([
    ['y\n', true],
    ['YES\n', true],
    [' y \n', true],
    ['n\n', false],
    ['\n', false],
    ['yeah\n', false],
    ['', false],
  ])('takes %j as %s', async (input, answer) => {
    const [given, shown] = await ask(input);
    expect(given).toBe(answer);
    expect(shown).toBe(`Write 3 users? [y/N] ${input === '' ? '\n' : ''}`);
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const asked = askYesNo('?', { input: new PassThrough(), output: new Screenful(true), signal: stop.signal });
    stop.abort(new Error('stopped by SIGINT'));
    await expect(asked).rejects.toThrow('stopped by SIGINT');
  });

  it.each([false, true])('is interrupted where the terminal is gone (before the question: %s)', async (before) => {
    const hangUp = new AbortController();
    if (before) hangUp.abort();
    const streams = { input: new PassThrough(), output: new Screenful(true) };
    const asked = askYesNo('?', { ...streams, signal: new AbortController().signal, hangUp: hangUp.signal });
    if (!before) hangUp.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});
