import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/assess/checks/index.js';
import { needsUpdateFunction, UPDATE_FUNCTION, withUpdateFunction } from '../../../src/assess/fix/update-function.js';
import { clientUpdates, mappingUpdates, poolUpdate, UPDATE_NOTE } from '../../../src/assess/fix/updates.js';
import { folder } from '../../support/folder.js';
import { HAS } from '../../support/tools.js';
import { FAULTS } from '../checks/faults/index.js';
import { client, context, google } from '../pools.js';

const pool = { userPoolId: 'eu-west-1_New', region: 'eu-west-1' };

const found = FAULTS.flatMap(({ snapshot, options }) => {
  const given = { ...context, options: { ...context.options, ...options } };
  return CHECKS.flatMap((check) => check.run(snapshot, given)).flatMap(({ findings }) => findings);
}).filter(({ fix }) => needsUpdateFunction(fix));
/** Every fix that reads, changes and writes, once. */
const fixes = [...new Set(found.map(({ fix }) => fix))];
/** One of each finding: enough for tests that start processes for each. */
const samples = [...new Map(found.map(({ id, fix }) => [id, fix])).values()];

const UserPoolId = 'eu-west-1_NewPool01';
const dates = { CreationDate: '2026-01-01', LastModifiedDate: '2026-01-02' };
const ANSWERS = {
  'describe-user-pool': {
    UserPool: { Id: UserPoolId, Name: "Ann's $HOME shop", Arn: 'arn', MfaConfiguration: 'OFF', ...dates },
  },
  'get-user-pool-mfa-config': { MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: false } },
  'describe-user-pool-client': {
    UserPoolClient: {
      UserPoolId,
      ClientId: 'id',
      ClientSecret: 'secret',
      WriteAttributes: ['email', 'custom:legacy_sub'],
      ...dates,
    },
  },
  'describe-identity-provider': {
    IdentityProvider: {
      UserPoolId,
      ProviderName: 'Google',
      ProviderDetails: {},
      AttributeMapping: { a: 'b' },
      ...dates,
    },
  },
};

/** An `aws` that answers what is read, and writes down what it was called with; documents as they are, wherever they are. */
const AWS = `aws() {
  for last do :; done
  case "$2" in
    describe-*|get-*) printf '%s\\n' "$@" | sort | tr '\\n' ' ' >> calls; cat "$2.json" ;;
    *) echo "$1 $2 $3 $4" >> calls
      case "$last" in file://*) cat "\${last#file://}" >> calls ;; *) printf '%s\\n' "$last" >> calls ;; esac ;;
  esac
}
`;

/** The calls that a script makes. */
function callsOf(script: string, shell = 'sh'): string {
  const cwd = folder();
  for (const [command, answer] of Object.entries(ANSWERS))
    writeFileSync(join(cwd, `${command}.json`), JSON.stringify(answer));
  return execFileSync(shell, ['-c', `: > calls\n${AWS}${script}\ncat calls`], { cwd }).toString();
}

describe('a fix that calls the function', () => {
  it('says what changes, in one line for each object', () => {
    const named = client({ id: 'web' });
    expect(withUpdateFunction(`# First\n${clientUpdates(pool, [{ client: named, change: '.A = 1' }])}\n# Then`)).toBe(
      "# First\nupdate_cognito client eu-west-1 eu-west-1_New web '.A = 1'\n# Then",
    );
    expect(withUpdateFunction(poolUpdate(pool, '.A = "it\'s"'))).toBe(
      `update_cognito pool eu-west-1 eu-west-1_New '.A = "it'\\''s"'`,
    );
    expect(
      withUpdateFunction(mappingUpdates(pool, [{ provider: { ...google, name: 'My IdP' }, change: '.A = 1' }])),
    ).toBe("update_cognito provider eu-west-1 eu-west-1_New 'My IdP' '.A = 1'");
  });

  it('is left as it is where it changes nothing this way', () => {
    const fix = 'aws cognito-idp create-group --region eu-west-1';
    expect(needsUpdateFunction(fix)).toBe(false);
    expect(withUpdateFunction(fix)).toBe(fix);
  });

  it('is made of every fix that reads, changes and writes', () => {
    expect(fixes.length).toBeGreaterThan(40);
    const left = fixes.map(withUpdateFunction).filter((fix) => fix.includes('| jq') || fix.includes(UPDATE_NOTE));
    expect(left).toEqual([]);
  });

  it.skipIf(!HAS.jq)('sends exactly what the fix sends that stands alone', () => {
    const alone = callsOf(samples.join('\n'));
    expect(alone.split('\n').length).toBeGreaterThan(10 * samples.length);
    expect(callsOf([UPDATE_FUNCTION, ...samples.map(withUpdateFunction)].join('\n'))).toBe(alone);
  });

  it.skipIf(!HAS.jq)('does the same in bash', () => {
    const few = samples.slice(0, 6);
    const together = [UPDATE_FUNCTION, ...few.map(withUpdateFunction)].join('\n');
    expect(callsOf(together, 'bash')).toBe(callsOf(few.join('\n')));
  });

  it.skipIf(!HAS.jq)('sends nothing where nothing could be read', () => {
    const failing = `${UPDATE_FUNCTION}\naws() { echo "$2" >> calls; return 1; }\n`;
    expect(callsOf(`${failing}${withUpdateFunction(poolUpdate(pool, '.A = 1'))} || true`)).toBe('describe-user-pool\n');
  });

  it('can be pasted into an interactive shell: no comment inside the function, and no history expansion', () => {
    const lines = UPDATE_FUNCTION.split('\n');
    expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(2);
    expect(lines.slice(2).join('\n')).not.toMatch(/[#!]/);
  });
});
