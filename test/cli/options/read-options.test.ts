import { describe, expect, it } from 'vitest';
import { countOption, flagOption, listOption, matching } from '../../../src/cli/options/option.js';
import { commandLine, readOptions } from '../../../src/cli/options/read-options.js';

it('repeats the pools and files of a run so that a shell reads them back', () => {
  expect(
    commandLine('apply --overwrite', {
      legacyPool: ['eu-west-1_A', 'eu-west-1_B'],
      newEndpoint: ['http://localhost:9229'],
      newProfile: ["Ops' own"],
      state: ['my states/$HOME.db'],
      config: ['cutover.json'],
      rps: ['20'],
      trustUsernames: true,
    }),
  ).toBe(
    "cognito-cutover apply --overwrite --config cutover.json --legacy-pool eu-west-1_A --legacy-pool eu-west-1_B --new-profile 'Ops'\\'' own' --new-endpoint http://localhost:9229 --state 'my states/$HOME.db'",
  );
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
