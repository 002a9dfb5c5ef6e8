import { describe, expect, it } from 'vitest';
import {
  commandLineOnly,
  countOption,
  flagOption,
  hidden,
  listOption,
  matching,
  narrowing,
  severalOption,
  underKeys,
  valueOption,
  wordOption,
} from '../../../src/cli/options/option.js';
import { commandLine, type Given, readOptions } from '../../../src/cli/options/read-options.js';

describe('the command line that continues a run', () => {
  const path = valueOption('<path>', 'a path', matching(/./, 'a path'));
  const options = {
    legacyPool: severalOption('<id>', 'a pool', matching(/./, 'a pool')),
    newProfile: path,
    state: path,
    rps: countOption('<number>', 'a rate'),
    overwrite: flagOption('overwrite'),
    yes: commandLineOnly(flagOption('yes')),
    users: narrowing(commandLineOnly(path)),
    ...hidden({ newRegion: path }),
  };

  it.each<[string, Given, string]>([
    ['repeats what the command has', { rps: ['20'], overwrite: true }, 'apply --rps 20 --overwrite'],
    ['repeats the config file first', { state: ['a.db'], config: ['c.json'] }, 'apply --config c.json --state a.db'],
    ['repeats every value', { legacyPool: ['a_A', 'b_B'] }, 'apply --legacy-pool a_A --legacy-pool b_B'],
    ['leaves out what the command does not have', { groups: true, match: ['email'] }, 'apply'],
    ['leaves out consent and output', { yes: true, json: true, progress: ['lines'] }, 'apply'],
    ['leaves out what means nothing to the command', { newRegion: ['eu-west-1'] }, 'apply'],
    ['keeps what narrows the run', { users: ['staff.csv'] }, 'apply --users staff.csv'],
    [
      'quotes for the shell',
      { newProfile: ["Ops' own"], state: ['my states/$HOME.db'] },
      "apply --new-profile 'Ops'\\'' own' --state 'my states/$HOME.db'",
    ],
  ])('%s', (_, given, line) => {
    expect(commandLine('apply', given, options)).toBe(`cognito-cutover ${line}`);
  });

  it('does not repeat what the command says itself', () => {
    expect(commandLine('apply --rps 5', { rps: ['20'] }, options)).toBe('cognito-cutover apply --rps 5');
  });
});

describe('options', () => {
  const OPTIONS = {
    times: countOption('<number>', 'how often'),
    loud: flagOption('shout'),
    rules: listOption('<rules>', 'rules', matching(/^[a-z]$/, 'a letter')),
  };
  const file = { path: 'cutover.json', values: { times: 5, loud: true, toString: 1 } };

  it('come from the command line, otherwise from the config file', () => {
    const given = { times: ['3'], rules: ['a, b'] };
    expect(readOptions(given, file)(OPTIONS)).toEqual({ times: 3, loud: true, rules: ['a', 'b'] });
  });

  it('are refused when given more than once', () => {
    expect(() => readOptions({ times: ['3', '4'] }, file)(OPTIONS)).toThrow('--times: is given more than once');
  });

  it('are named as they were given', () => {
    const wrong = { ...file, values: { times: 'x' } };
    expect(() => readOptions({}, wrong)(OPTIONS)).toThrow('cutover.json: times: expected a whole number');
    expect(() => readOptions({ times: ['x'] }, wrong)(OPTIONS)).toThrow('--times: expected a whole number');
  });
});

it.each(['a\0.csv', ['a.csv', '\0']])('a config file has no NUL character in an option: %j', (value) => {
  const options = { file: severalOption('<file>', 'a file', matching(/./s, 'a file')) };
  expect(() => readOptions({}, { path: 'cutover.json', values: { file: value } })(options)).toThrow(
    /^cutover\.json: file: has a NUL character in it$/,
  );
});

describe('options that the config file has under other keys', () => {
  const place = (ending: string) => valueOption('<where>', 'a place', matching(new RegExp(`\\w\\${ending}$`), ending));
  const publish = { to: place('.ndjson') };
  const phase = { to: underKeys(place('.json'), 'phases', 'to') };
  const dashboard = { to: underKeys(place('.json'), 'phases') };
  const read = (options: typeof publish, values: object, given: Given = {}) =>
    readOptions(given, { path: 'cutover.json', values: { ...values } })(options).to;

  it('are read from the first key that is there, so that one file serves commands that mean different places', () => {
    const values = { to: 'mapping.ndjson', phases: 'phases.json' };
    expect(read(publish, values)).toBe('mapping.ndjson');
    expect(read(phase, values)).toBe('phases.json');
    expect(read(dashboard, values)).toBe('phases.json');
    expect(read(phase, { to: 'a.json' })).toBe('a.json');
    expect(read(phase, values, { to: ['b.json'] })).toBe('b.json');
  });

  it('are not read from a key of another command', () => {
    expect(read(dashboard, { to: 'mapping.ndjson' })).toBeUndefined();
    expect(() => read(phase, { to: 'mapping.ndjson' })).toThrow(
      /^cutover\.json: to: expected \.json, got .*\. If it is for another command, add "phases" for this one$/,
    );
    expect(() => read(phase, { phases: 'a.yml' })).toThrow(/^cutover\.json: phases: expected \.json, got "a\.yml"$/);
  });
});

it('a word of the command is not an option of the next command', () => {
  const options = {
    action: wordOption('what to do', ['show', 'set']),
    to: valueOption('<where>', 'a place', matching(/./, 'a place')),
  };
  const given: Given = { action: ['set'], to: ['a.json'] };
  expect(commandLine('phase', given, options)).toBe('cognito-cutover phase --to a.json');
  expect(readOptions(given, undefined)(options)).toEqual({ action: 'set', to: 'a.json' });
});
