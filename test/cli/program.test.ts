import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder } from '../support/folder.js';
import { run } from './support.js';

const POOLS = ['--legacy-pool', 'eu-west-1_Old', '--new-pool', 'eu-west-1_New'];

it('a failure lets no name of a file colour, hide or move what is printed', async () => {
  const path = join(folder(), 'snapshot.json');
  const hidden = 'a\u001b[8m\u001b[2J\u009b1A';
  const file = { format: 'cognito-cutover snapshot', version: 2, takenAt: 1, legacy: [], new: null, [hidden]: 1 };
  writeFileSync(path, JSON.stringify(file));
  const { ending, stderr } = await run(['assess', '--snapshot', path]);
  expect(ending).toBe('usage');
  expect(stderr).toContain(String.raw`error: --snapshot.a\u001b[8m\u001b[2J\u009b1A: is not part of this format`);
  expect(['\u001b', '\u009b'].filter((character) => stderr.includes(character))).toEqual([]);
});

describe('arguments that cannot be understood', () => {
  it.each<[string[], string]>([
    [[], 'a command is missing'],
    [['pln'], "unknown command 'pln'"],
    [['--plan'], "unknown option '--plan'"],
    [['plan', '--dry-run'], "unknown option '--dry-run'"],
    [['plan', '--lega', 'x'], "unknown option '--lega'"],
    [['apply', '--mapping', 'x.csv'], "unknown option '--mapping'"],
    [['plan', 'now'], "too many arguments for 'plan'"],
    [['plan', '--rps'], "option '--rps <number>' argument missing"],
    [['plan'], '--legacy-pool: is required: the pool users come from'],
    [['plan', '--legacy-pool', 'eu-west-1_Old'], '--new-pool: is required: the pool users move to'],
    [['plan', ...POOLS, '--legacy-pool', 'eu-west-1_New'], '--new-pool: eu-west-1_New is the legacy pool too'],
    [['plan', ...POOLS, '--legacy-pool', 'eu-west-1_Old'], '--legacy-pool: expected each only once'],
    [['plan', ...POOLS, '--new-pool', 'eu-west-1_B'], '--new-pool: is given more than once'],
    [
      ['plan', '--legacy-pool', 'my pool'],
      '--legacy-pool: expected a user pool id like eu-west-1_Ab12Cd34e, got "my pool"',
    ],
    [['plan', '--legacy-pool', ''], '--legacy-pool: expected a user pool id'],
    [
      ['plan', ...POOLS, '--legacy-region', 'Ireland'],
      '--legacy-region: expected a Region like eu-west-1, got "Ireland"',
    ],
    [['plan', ...POOLS, '--new-profile', ''], '--new-profile: expected the name of a profile'],
    [
      ['plan', ...POOLS, '--new-role-arn', 'Admin'],
      '--new-role-arn: expected a role like arn:aws:iam::123456789012:role/Name',
    ],
    [
      ['plan', ...POOLS, '--new-endpoint', 'localhost:9229'],
      '--new-endpoint: expected an address like http://localhost:9229',
    ],
    [['plan', ...POOLS, '--attribute', 'legacy_sub'], '--attribute: expected custom: and a name of 1 to 20 characters'],
    [['plan', ...POOLS, '--attribute', 'custom:a-name-of-21-letters!'], '--attribute: expected custom:'],
    [['plan', ...POOLS, '--state', ''], '--state: expected the path of a file, got ""'],
    [
      ['plan', ...POOLS, '--match', 'mail'],
      '--match: expected one of mapping, identity, username, email, phone, attribute:NAME, got "mail"',
    ],
    [['plan', ...POOLS, '--match', 'email,email'], '--match: expected each only once, got "email"'],
    [['plan', ...POOLS, '--match', 'email,'], '--match: expected one of'],
    [['plan', ...POOLS, '--match', 'attribute:'], '--match: expected one of'],
    [['plan', ...POOLS, '--provider-map', 'Okta'], '--provider-map: expected Old=New, got "Okta"'],
    [['plan', ...POOLS, '--mapping', '/nowhere.csv'], '--mapping: cannot read /nowhere.csv (ENOENT)'],
    [['plan', ...POOLS, '--read-rps', '0'], '--read-rps: expected a number from 0.1 to 1000, got 0'],
    [['plan', ...POOLS, '--rps', 'fast'], '--rps: expected a number from 0.1 to 1000, got "fast"'],
    [['plan', ...POOLS, '--rps', '0'], '--rps: expected a number from 0.1 to 1000, got 0'],
    [['plan', ...POOLS, '--rps', '-5'], '--rps: expected a number from 0.1 to 1000, got -5'],
    [['plan', ...POOLS, '--mau-price', '-1'], '--mau-price: expected a number from 0 to 100, got -1'],
    [['plan', ...POOLS, '--config', '/nowhere.json'], '--config: cannot read /nowhere.json (ENOENT)'],
    [['apply'], '--yes: is required where nobody can be asked: this is not a terminal'],
    [['apply', '--yes=no'], "unknown option '--yes=no'"],
    [['apply', '--yes', '--max-writes', '1.5'], '--max-writes: expected a whole number from 1 to 1000000000, got 1.5'],
    [['rollback'], '--yes: is required where nobody can be asked: this is not a terminal'],
    [['apply', '--yes', '--state', '/none.db'], 'there is no state file /none.db'],
    [['report', '--csv', ''], '--csv: expected the path of a file, got ""'],
  ])('%j: %s', async (args, message) => {
    const { ending, stdout, stderr } = await run(args);
    expect(stderr).toContain(`error: ${message}`);
    expect({ ending, stdout }).toEqual({ ending: 'usage', stdout: '' });
  });

  it.each([
    [['plan', '--dry-run', '--json'], 'ERR_USAGE', "unknown option '--dry-run'"],
    [['--json'], 'ERR_USAGE', "unknown option '--json'"],
    [['plan', '--json', '--rps', '0'], 'ERR_CONFIGURATION', '--rps: expected a number from 0.1 to 1000, got 0'],
    [['plan', '--json'], 'ERR_CONFIGURATION', '--legacy-pool: is required: the pool users come from'],
  ])('%j answers with one JSON document', async (args, code, message) => {
    const { ending, stdout } = await run(args);
    expect(ending).toBe('usage');
    expect(JSON.parse(stdout).error).toMatchObject({ code, message });
  });

  it('suggests what was probably meant', async () => {
    expect((await run(['plan', '--legcy-pool', 'x'])).stderr).toContain('(Did you mean --legacy-pool?)');
    expect((await run(['aply'])).stderr).toContain('(Did you mean apply?)');
  });
});

describe('the config file', () => {
  const config = (values: object) => {
    const path = join(folder(), 'cutover.json');
    writeFileSync(path, JSON.stringify(values));
    return path;
  };
  const pools = { legacyPool: 'eu-west-1_Old', newPool: 'eu-west-1_New' };

  it.each<[object, string]>([
    [{ legacyPol: 'x' }, 'cutover.json: legacyPol: unknown option, did you mean legacyPool? Known are '],
    [{ json: true }, 'cutover.json: json: can be given on the command line only'],
    [{ ...pools, legacyPool: 5 }, 'cutover.json: legacyPool: expected a user pool id like eu-west-1_Ab12Cd34e, got 5'],
    [{ ...pools, rps: '10' }, 'cutover.json: rps: expected a number from 0.1 to 1000, got "10"'],
    [{ ...pools, match: 'email' }, 'cutover.json: match: expected an array, got "email"'],
    [{ ...pools, trustUsernames: 'yes' }, 'cutover.json: trustUsernames: expected true or false, got "yes"'],
    [{ ...pools, providerMap: ['a=b', 1] }, 'cutover.json: providerMap: expected Old=New, got 1'],
    [{ legacyPool: ['eu-west-1_A', 'eu-west-1_A'] }, 'cutover.json: legacyPool: expected each only once'],
    [
      { legacyPool: ['eu-west-1_A', { userPoolId: 'eu-west-1_A', profile: 'x' }] },
      'legacyPool: expected each only once, got "eu-west-1_A"',
    ],
    [{ legacyPool: [{ profile: 'x' }] }, 'cutover.json: legacyPool: userPoolId: expected a user pool id like'],
    [
      { legacyPool: { userPoolId: 'eu-west-1_A', profil: 'x' } },
      'legacyPool: unknown profil; known are userPoolId, region, profile, roleArn, endpoint',
    ],
    [
      { legacyPool: { userPoolId: 'eu-west-1_A', roleArn: 'x' } },
      'legacyPool: roleArn: expected a role like arn:aws:iam::123456789012:role/Name, got "x"',
    ],
  ])('with %j is refused', async (values, message) => {
    const { ending, stderr } = await run(['plan', '--config', config(values)]);
    expect(stderr).toContain(message);
    expect(ending).toBe('usage');
  });

  it('is told in lines that end between words on a terminal', async () => {
    const { stderr } = await run(['plan', '--config', config({ nonsense: 1 })], { answer: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it('is judged like the command line, which wins over it', async () => {
    const path = config({ ...pools, rps: 'fast' });
    expect((await run(['plan', '--config', path])).stderr).toContain('cutover.json: rps: expected');
    expect((await run(['plan', '--config', path, '--rps', '0'])).stderr).toContain('error: --rps: expected');
  });

  it('may hold options of other commands', async () => {
    const path = config({ ...pools, maxWrites: 5, csv: 'x.csv', newPool: 'eu-west-1_Old' });
    expect((await run(['plan', '--config', path])).stderr).toContain(
      '--new-pool: eu-west-1_Old is the legacy pool too',
    );
  });
});

it('leaves no state file behind when the arguments are wrong', async () => {
  const state = join(folder(), 'cutover.db');
  await run(['plan', '--legacy-pool', 'eu-west-1_Old', '--state', state]);
  await run(['apply', '--yes', '--state', state]);
  expect(existsSync(state)).toBe(false);
});
