import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { updateProgram } from '../../src/assess/fix/updates.js';
import { HAS } from '../support/tools.js';

const script = fileURLToPath(new URL('../../examples/triggers/set-triggers.sh', import.meta.url));
const POOL = {
  Id: 'eu-west-1_AbCdEfGhI',
  Name: 'shop',
  Arn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI',
  CreationDate: '2020-01-01T00:00:00Z',
  SchemaAttributes: [{ Name: 'sub' }],
  UsernameAttributes: ['email'],
  MfaConfiguration: 'OPTIONAL',
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
  LambdaConfig: {
    PreSignUp: 'arn:sign-up',
    PreTokenGeneration: 'arn:old',
    PreTokenGenerationConfig: { LambdaArn: 'arn:old' },
  },
  ASettingOfNextYear: 'kept',
};

/** Runs the script with an `aws` that answers with `pool` and keeps what it is called with. */
function setTriggers(change: string, pool: object | undefined) {
  const home = mkdtempSync(join(tmpdir(), 'set-triggers-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, 'pool.json'), JSON.stringify({ UserPool: pool }));
  const aws = `#!/bin/sh
case $2 in
  describe-user-pool) ${pool === undefined ? 'exit 254' : `cat '${home}/pool.json'`} ;;
  update-user-pool) echo "$3 $4 $5" > '${home}/call'; printf '%s' "$6" > '${home}/input' ;;
esac
`;
  writeFileSync(join(home, 'aws'), aws, { mode: 0o755 });
  const env = { ...process.env, PATH: `${home}${delimiter}${process.env['PATH']}` };
  const { status, stdout } = spawnSync('sh', [script, POOL.Id, change], { env, encoding: 'utf8' });
  const input = join(home, 'input');
  return {
    status,
    stdout,
    input: existsSync(input) ? JSON.parse(readFileSync(input, 'utf8')) : undefined,
    call: existsSync(input) ? readFileSync(join(home, 'call'), 'utf8').trim() : undefined,
  };
}

describe.skipIf(!HAS.jq)('set-triggers.sh', () => {
  it('changes the triggers and writes every other setting back, those that it does not know included', () => {
    const { status, stdout, input, call } = setTriggers(
      'del(.PreTokenGeneration) | .PreTokenGenerationConfig = {LambdaArn: "arn:new", LambdaVersion: "V2_0"}',
      POOL,
    );
    expect(status).toBe(0);
    expect(call).toBe('--region eu-west-1 --cli-input-json');
    expect(input).toEqual({
      UserPoolId: POOL.Id,
      PoolName: 'shop',
      MfaConfiguration: 'OPTIONAL',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      ASettingOfNextYear: 'kept',
      LambdaConfig: {
        PreSignUp: 'arn:sign-up',
        PreTokenGenerationConfig: { LambdaArn: 'arn:new', LambdaVersion: 'V2_0' },
      },
    });
    expect(stdout.split('\n')[0]).toBe(`Before: ${JSON.stringify(POOL.LambdaConfig)}`);
  });

  it.each([
    ['del(.PreSignUp)', { PreTokenGeneration: 'arn:old', PreTokenGenerationConfig: { LambdaArn: 'arn:old' } }],
    ['{}', {}],
  ])('with %s leaves these triggers', (change, triggers) => {
    expect(setTriggers(change, POOL).input.LambdaConfig).toEqual(triggers);
  });

  it('works on a pool that never had a trigger', () => {
    const { LambdaConfig: _, ...bare } = POOL;
    expect(setTriggers('.PreSignUp = "arn:new"', bare).input.LambdaConfig).toEqual({ PreSignUp: 'arn:new' });
  });

  it.each([
    ['the pool cannot be read', 'del(.PreSignUp)', undefined],
    ['the change is not a program', 'del(', POOL],
    ['the change is empty', '', POOL],
    ['the change leaves nothing', 'empty', POOL],
  ])('changes nothing if %s', (_name, change, pool) => {
    const { status, input } = setTriggers(change, pool);
    expect(status).not.toBe(0);
    expect(input).toBeUndefined();
  });

  it('does what the README says: each of its changes leaves no trigger of the old function, or attaches the new one', () => {
    const readme = readFileSync(fileURLToPath(new URL('../../examples/triggers/README.md', import.meta.url)), 'utf8');
    const changes = [...readme.matchAll(/set-triggers\.sh eu-\S+ '([^']+)'|`'(del\([^']+)'`/g)].map(
      ([, command, cell]) => command ?? cell ?? '',
    );
    expect(changes.length).toBeGreaterThan(4);
    for (const change of changes) {
      const names = [...change.matchAll(/\.(\w+)/g)].map(([, name = '']) => name);
      const before = { ...POOL, LambdaConfig: Object.fromEntries(names.map((name) => [name, 'arn:old'])) };
      const { status, input } = setTriggers(change, before);
      expect(status).toBe(0);
      const left = change.includes('LambdaArn') ? ['PreTokenGenerationConfig'] : [];
      expect(Object.keys(input.LambdaConfig)).toEqual(left);
      expect(JSON.stringify(input.LambdaConfig)).not.toContain('arn:old');
    }
  });

  it('sends what the fixes of the assessment send', () => {
    const fix = execFileSync('sh', ['-c', 'jq "$1"', 'sh', `${updateProgram('pool', POOL.Id)} .LambdaConfig = {}`], {
      input: JSON.stringify({ UserPool: POOL }),
      encoding: 'utf8',
    });
    expect(setTriggers('{}', POOL).input).toEqual(JSON.parse(fix));
  });
});
