import { expect, it } from 'vitest';
import { commandLine } from '../../../src/cli/options/read-options.js';

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
