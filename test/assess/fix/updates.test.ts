import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clientUpdates, poolUpdate } from '../../../src/assess/fix/updates.js';
import { HAS } from '../../support/tools.js';
import { client } from '../pools.js';

const pool = { userPoolId: 'eu-west-1_New', region: 'eu-west-1' };

const dir = mkdtempSync(join(tmpdir(), 'cutover-fix-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs the lines in a shell whose `aws` describes what it is given and keeps what it is sent. */
function carriedOut(fix: string, described: object): unknown {
  writeFileSync(join(dir, 'described.json'), JSON.stringify(described));
  const aws = `#!/bin/sh\ncase "$2" in describe-*) cat described.json ;; *) cat "\${6#file://}" > sent.json ;; esac\n`;
  writeFileSync(join(dir, 'aws'), aws);
  chmodSync(join(dir, 'aws'), 0o700);
  execFileSync('sh', ['-eu', '-c', fix], { cwd: dir, env: { PATH: `${dir}:${process.env['PATH']}` } });
  return JSON.parse(readFileSync(join(dir, 'sent.json'), 'utf8'));
}

describe.skipIf(!HAS.jq)('an update, run', () => {
  it('carries out nothing that an app client is named after', () => {
    const described = { UserPoolClient: { ClientId: 'id' } };
    const fix = clientUpdates(pool, [
      { client: client({ id: '$(touch oops);touch oops' }), change: '.ClientName = "a"' },
    ]);
    carriedOut(fix, described);
    expect(existsSync(join(dir, 'oops'))).toBe(false);
  });

  it('sends an app client back whole, but for the change', () => {
    const kept = { UserPoolId: 'eu-west-1_New', ClientId: 'id', ClientName: "Ann's", SettingOfNextYear: { on: true } };
    const described = {
      UserPoolClient: {
        ...kept,
        ClientSecret: 'secret',
        CreationDate: '2026-01-01',
        LastModifiedDate: '2026-01-01',
        ClientType: 'REGULAR',
        WriteAttributes: ['email', 'custom:legacy_sub'],
      },
    };
    const fix = clientUpdates(pool, [{ client: client(), change: '.WriteAttributes -= ["custom:legacy_sub"]' }]);
    expect(carriedOut(fix, described)).toEqual({ ...kept, WriteAttributes: ['email'] });
  });

  it('sets a list that was not there', () => {
    const described = { UserPoolClient: { UserPoolId: 'p', ClientId: 'id' } };
    const awkward = `.ReadAttributes += ${JSON.stringify(["custom:it's"])}`;
    const fix = clientUpdates(pool, [{ client: client(), change: awkward }]);
    expect(carriedOut(fix, described)).toEqual({ UserPoolId: 'p', ClientId: 'id', ReadAttributes: ["custom:it's"] });
  });

  it('sends a pool back whole, under the names an update takes, but for the change', () => {
    const described = {
      UserPool: {
        Id: 'eu-west-1_New',
        Name: 'shop',
        Arn: 'arn',
        SchemaAttributes: [],
        UsernameConfiguration: { CaseSensitive: false },
        EstimatedNumberOfUsers: 3,
        Domain: 'shop',
        CreationDate: '2026-01-01',
        LastModifiedDate: '2026-01-01',
        MfaConfiguration: 'OPTIONAL',
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true, UnusedAccountValidityDays: 7 },
        LambdaConfig: { PreSignUp: 'arn:1' },
      },
    };
    expect(carriedOut(poolUpdate(pool, '.LambdaConfig.PostConfirmation = "arn:2"'), described)).toEqual({
      UserPoolId: 'eu-west-1_New',
      PoolName: 'shop',
      MfaConfiguration: 'OPTIONAL',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      LambdaConfig: { PreSignUp: 'arn:1', PostConfirmation: 'arn:2' },
    });
  });
});
