import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../../src/cli/options/config-file.js';
import { type CliOptions, fileOption, flagOption } from '../../../src/cli/options/option.js';
import { folder } from '../../support/folder.js';

const OPTIONS: CliOptions = {
  state: fileOption('<file>', 'state'),
  overwrite: flagOption('overwrite'),
  yes: { ...flagOption('yes'), commandLineOnly: true },
};

function read(content: string) {
  const path = join(folder(), 'cutover.json');
  writeFileSync(path, content);
  return readConfigFile(path, OPTIONS);
}

describe('a config file', () => {
  it('holds options under their names in camel case', async () => {
    expect((await read('{ "state": "a.db", "overwrite": true }')).values).toEqual({ state: 'a.db', overwrite: true });
    expect((await read('\uFEFF{}')).values).toEqual({});
  });

  it.each([
    [
      'an unknown key',
      '{ "stat": "a.db" }',
      /cutover\.json: stat: unknown option, did you mean state\? Known are overwrite, state$/,
    ],
    ['a flag as it is written on the command line', '{ "--state": "a.db" }', /cutover\.json: --state: unknown option/],
    ['a name of every object', '{ "constructor": 1 }', /cutover\.json: constructor: unknown option/],
    [
      'consent, which belongs to one run',
      '{ "yes": true }',
      /cutover\.json: yes: can be given on the command line only/,
    ],
    ['a list', '[]', /--config: .*cutover\.json: expected an object, got an empty array/],
    ['no JSON', '{ state: 1 }', /--config: .*cutover\.json is not JSON: /],
    ['nothing', '', /is not JSON/],
  ])('is refused with %s', async (_name, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it('is refused when it cannot be read', async () => {
    await expect(readConfigFile('/nowhere.json', OPTIONS)).rejects.toThrow(
      '--config: cannot read /nowhere.json (ENOENT)',
    );
  });
});
