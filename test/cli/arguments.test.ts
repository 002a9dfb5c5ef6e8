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

  it('groups the commands by stage, on one screen of 24 lines and 80 columns', async () => {
    const { stdout } = await run(['--help'], { env: { COLUMNS: '80' } });
    const headings = ['Before the move:', 'Backfill:', 'During the cutover:', 'Serving:'];
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => headings.includes(line))).toEqual(headings);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    const groupOf = (name: string) => {
      const at = lines.findIndex((line) => line.startsWith(`  ${name} `));
      return lines.slice(0, at).findLast((line) => headings.includes(line));
    };
    expect(['assess', 'plan', 'sync', 'publish'].map(groupOf)).toEqual(headings);
  });

  it('lists the commands in 60 columns', async () => {
    const { stdout } = await run(['--help'], { env: { COLUMNS: '60' } });
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(60);
  });

  it.each(COMMANDS.flatMap(({ name }) => [60, 80, 120].map((columns) => [name, columns] as const)))(
    'of %s wraps between words at %i columns',
    async (name, columns) => {
      const { stdout } = await run([name, '--help'], { env: { COLUMNS: String(columns) } });
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(columns);
      const unwrapped = (text: string) => text.replaceAll(' \\\n', ' ').replace(/\s+/g, ' ');
      const { options, description } = COMMANDS.find((command) => command.name === name)!;
      expect(unwrapped(stdout)).toContain(description);
      for (const { help, hidden } of Object.values(options)) if (!hidden) expect(unwrapped(stdout)).toContain(help);
    },
  );

  it.each(['status', 'report', 'pace', 'publish'])(
    'of %s, which calls no pool, asks for no AWS options',
    async (name) => {
      const { stdout } = await run([name, '--help']);
      expect(stdout).toContain('--state <file>');
      expect(stdout).not.toMatch(/--(legacy|new)-|--attribute/);
      // So that the command line of another command can be reused.
      const to = name === 'publish' ? ['--to', 'x.ndjson'] : [];
      const { stderr } = await run([name, ...to, '--new-profile', 'ops', '--state', '/none.db']);
      expect(stderr).toContain('there is no state file /none.db');
      expect((await run([name, ...to, '--new-pool', 'my pool'])).stderr).toContain(
        '--new-pool: expected a user pool id',
      );
    },
  );

  it.each(COMMANDS.flatMap(({ examples }) => examples))('the example "%s" is understood', async (example) => {
    const words = example
      .replace(/ [<>|].*$/, '')
      .split(' ')
      .slice(1)
      .map((word) => word.replace(/^'(.*)'$/, '$1'));
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
