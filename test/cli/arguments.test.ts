import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/arguments.js';
import { readOptions } from '../../src/cli/options/read-options.js';
import { COMMANDS } from '../../src/cli/program.js';
import { systemClock } from '../../src/clock.js';
import { run, Screenful } from './support.js';

describe('help', () => {
  it.each(COMMANDS.map(({ name }) => name))('%s shows its options and examples that name it', async (name) => {
    const { ending, stdout, stderr } = await run([name, '--help']);
    expect({ ending, stderr }).toEqual({ ending: 'done', stderr: '' });
    expect(stdout).toContain(`Usage: cognito-cutover ${name}`);
    expect(stdout).toContain(`$ cognito-cutover ${name}`);
    expect(stdout).toContain('--json');
  });

  it('lists every command and the version', async () => {
    const { stdout } = await run(['--help']);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(COMMANDS.flatMap(({ examples }) => examples))('the example "%s" is understood', async (example) => {
    const words = example
      .replace(/ [>|].*$/, '')
      .split(' ')
      .slice(1);
    const context = {
      stdin: new PassThrough(),
      stdout: new Screenful(),
      stderr: new Screenful(),
      env: {},
      clock: systemClock,
      signal: new AbortController().signal,
    };
    const started: string[] = [];
    const program = createProgram(COMMANDS, context, async (definition, given) => {
      readOptions(given, undefined)(definition.options);
      started.push(definition.name);
    });
    await program.parseAsync(words, { from: 'user' });
    expect(started).toEqual([words[0]]);
  });
});
