import { expect, it } from 'vitest';
import { type CommandContext, defineCommand } from '../../src/cli/define-command.js';
import { countOption, flagOption } from '../../src/cli/options/option.js';
import { readOptions } from '../../src/cli/options/read-options.js';

it('gives a command its own options, checked', async () => {
  const command = defineCommand({
    ...{ name: 'count', stage: 'before', summary: '', description: '', examples: [] },
    options: { times: countOption('<number>', 'how often'), loud: flagOption('shout') },
    run: async (settings) => ({ json: settings, summary: [], attention: false }),
  });
  const context = {} as CommandContext;
  const read = readOptions({ times: ['3'], other: ['x'] }, undefined);
  expect((await command.run(read, context)).json).toEqual({ times: 3, loud: false });
  const wrong = readOptions({ times: ['0'] }, undefined);
  expect(() => command.run(wrong, context)).toThrow('--times: expected a whole number from 1');
});
