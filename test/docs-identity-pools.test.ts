import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HAS } from './support/tools.js';

const page = readFileSync(new URL('../docs/identity-pools.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code);

const POOL = 'eu-west-1:11111111-2222-4333-8444-555555555555';
const LEGACY = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Old';
const NEW = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_New';
const TOKENS = { LEGACY_ID_TOKEN: 'e.legacy.t', NEW_ID_TOKEN: 'e.new.t', LEGACY_SUB: 'ann', OTHER_LEGACY_SUB: 'bob' };

const DEVELOPER = 'developer-provider-name developer-user-identifier';
/** What each operation requires and allows, as the models of the AWS SDK have it; options of the CLI itself aside. */
const OPERATIONS: Readonly<Record<string, readonly [required: string, allowed?: string]>> = {
  'cognito-identity describe-identity-pool': ['identity-pool-id'],
  'cognito-identity update-identity-pool': ['cli-input-json'],
  'cognito-identity get-identity-pool-roles': ['identity-pool-id'],
  'cognito-identity set-identity-pool-roles': ['cli-input-json'],
  'cognito-identity get-principal-tag-attribute-map': ['identity-pool-id identity-provider-name'],
  'cognito-identity set-principal-tag-attribute-map': [
    'identity-pool-id identity-provider-name',
    'no-use-defaults use-defaults principal-tags',
  ],
  'cognito-identity get-id': ['identity-pool-id', 'logins account-id'],
  'cognito-identity get-credentials-for-identity': ['identity-id', 'logins custom-role-arn'],
  'cognito-identity get-open-id-token-for-developer-identity': [
    'identity-pool-id logins',
    'identity-id token-duration',
  ],
  'cognito-identity unlink-identity': ['identity-id logins logins-to-remove'],
  'cognito-identity unlink-developer-identity': [`identity-id identity-pool-id ${DEVELOPER}`],
  'iam get-role': ['role-name'],
  'iam update-assume-role-policy': ['role-name policy-document'],
  'sts get-caller-identity': [''],
  's3 sync': [''],
  's3 ls': [''],
  'cloudtrail lookup-events': ['', 'lookup-attributes max-results'],
};
const OF_THE_CLI = ['region', 'query', 'output', 'no-sign-request'];
const PUBLIC = ['get-id', 'get-credentials-for-identity', 'unlink-identity'];

const identityPool = {
  IdentityPoolId: POOL,
  IdentityPoolName: "Ann's pool",
  AllowUnauthenticatedIdentities: false,
  AllowClassicFlow: true,
  CognitoIdentityProviders: [{ ProviderName: LEGACY, ClientId: '1example23456789', ServerSideTokenCheck: false }],
  IdentityPoolTags: { team: 'shop' },
};
const { CognitoIdentityProviders: _, ...bare } = identityPool;
const added = { ProviderName: NEW, ClientId: '2example23456789', ServerSideTokenCheck: true };
const mapping = { Type: 'Token', AmbiguousRoleResolution: 'Deny' };
const roles = {
  IdentityPoolId: POOL,
  Roles: { authenticated: 'arn:aws:iam::111122223333:role/ShopUsers' },
  RoleMappings: { [`${LEGACY}:1example23456789`]: mapping },
};

interface Call {
  readonly operation: string;
  readonly options: Readonly<Record<string, string>>;
  readonly document: unknown;
}

/** An `aws` that writes down its arguments, with the document that it is given, and answers. */
const AWS = `aws() {
  printf '%s\\037' "$@" >> calls
  for word do case $word in file://*) cat "\${word#file://}" >> calls ;; esac; done
  printf '\\036' >> calls
  case "$2" in
    get-id) case "$*" in *"$NEW_ALONE"*) echo "\${ID_OF_NEW:-$ID_OF_LEGACY}" ;; *) echo "$ID_OF_LEGACY" ;; esac ;;
    describe-identity-pool) cat pool.answer ;;
    get-identity-pool-roles) cat roles.answer ;;
    get-credentials-for-identity) echo '{"AccessKeyId":"ASIA","SecretKey":"secret","SessionToken":"session"}' ;;
    lookup-events) echo '["{\\"eventTime\\":\\"2026-03-03\\",\\"requestParameters\\":{\\"principalTags\\":{\\"userId\\":\\"ann\\"}}}"]' ;;
    ls) case "$3" in */ann/) ;; *) return "\${OTHER_FOLDER:-1}" ;; esac ;;
    sync) cat > stdin; test "$3" != s3://shop-uploads/private/eu-west-1:failing/ ;;
    *) echo '{}' ;;
  esac
}
`;

function run({ pool = identityPool as object, ofRoles = roles as object, env = {} } = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'identity-pools-'));
  try {
    writeFileSync(join(cwd, 'pool.answer'), JSON.stringify(pool));
    writeFileSync(join(cwd, 'roles.answer'), JSON.stringify(ofRoles));
    writeFileSync(join(cwd, 'pairs.csv'), 'eu-west-1:ann,ann\neu-west-1:failing,bob\n');
    writeFileSync(join(cwd, 'trust.json'), blocks('json')[0] ?? '');
    const printed = execFileSync('sh', ['-c', ['set -u', AWS, ...blocks('sh')].join('\n')], {
      cwd,
      env: {
        PATH: process.env['PATH'],
        NEW_ALONE: `--logins ${NEW}=`,
        ID_OF_LEGACY: 'eu-west-1:ann',
        ...TOKENS,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
    const calls = readFileSync(join(cwd, 'calls'), 'utf8').split('\u001e').slice(0, -1).map(callOf);
    return { printed, calls };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function callOf(text: string): Call {
  const words = text.split('\u001f');
  const document = words.pop() ?? '';
  const options: Record<string, string> = {};
  for (const [at, word] of words.entries()) {
    if (!word.startsWith('--')) continue;
    const value = words[at + 1];
    options[word.slice(2)] = value === undefined || value.startsWith('--') ? '' : value;
  }
  return {
    operation: words.slice(0, 2).join(' '),
    options,
    document: document === '' ? undefined : JSON.parse(document),
  };
}

describe.skipIf(!HAS.jq)('the commands of docs/identity-pools.md, run one after the other', () => {
  let { printed, calls }: ReturnType<typeof run> = { printed: '', calls: [] };
  let elsewhere = { printed, calls };
  beforeAll(() => {
    ({ printed, calls } = run());
    const env = { ID_OF_NEW: 'eu-west-1:accidental', OTHER_FOLDER: '0' };
    elsewhere = run({ pool: bare, ofRoles: { ...roles, RoleMappings: undefined }, env });
  });
  const documents = (operation: string) =>
    calls.filter((call) => call.operation.endsWith(operation)).map(({ document }) => document as typeof identityPool);

  it('are calls that AWS has, with every option that they require and no other', () => {
    const wrong = calls.filter(({ operation, options }) => {
      const [required, allowed = ''] = OPERATIONS[operation] ?? ['unknown'];
      const given = Object.keys(options).filter((name) => !OF_THE_CLI.includes(name));
      const needed = required.split(' ').filter((name) => name !== '');
      return (
        !needed.every((name) => given.includes(name)) ||
        !given.every((name) => [...needed, ...allowed.split(' ')].includes(name))
      );
    });
    expect(wrong).toEqual([]);
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(Object.keys(OPERATIONS)));
  });

  it('sign no public call, and each call that is not', () => {
    const wrong = calls.filter(
      ({ operation, options }) => PUBLIC.includes(operation.split(' ')[1] ?? '') !== 'no-sign-request' in options,
    );
    expect(wrong).toEqual([]);
  });

  it('fill one tag from the sub of the legacy pool and the legacy id of the new one', () => {
    const maps = calls.filter(({ operation }) => operation.endsWith('set-principal-tag-attribute-map'));
    expect(maps.map(({ options }) => [options['identity-provider-name'], options['principal-tags']])).toEqual([
      [LEGACY, 'userId=sub'],
      [NEW, 'userId=custom:legacy_sub'],
    ]);
  });

  it('keep every setting of the identity pool, and add to it', () => {
    expect(documents('update-identity-pool')).toEqual([
      { ...identityPool, CognitoIdentityProviders: [...identityPool.CognitoIdentityProviders, added] },
      { ...identityPool, DeveloperProviderName: 'cutover.legacy-sub' },
    ]);
    expect(documents('set-identity-pool-roles')).toEqual([
      { ...roles, RoleMappings: { ...roles.RoleMappings, [`${NEW}:2example23456789`]: mapping } },
    ]);
  });

  it('change nothing that is there already', () => {
    const [done] = documents('update-identity-pool');
    const other = { ...added, ClientId: '3example23456789' };
    const complete = {
      ...done,
      CognitoIdentityProviders: [other, ...(done?.CognitoIdentityProviders ?? [])],
      DeveloperProviderName: 'own.provider',
    };
    const again = run({ pool: complete, env: { ID_OF_LEGACY: '' } });
    // In the same run, every GetId fails.
    expect(again.printed).toContain('NOT LINKED: , , \n');
    const updates = again.calls.filter(({ operation }) => operation.endsWith('update-identity-pool'));
    expect(updates.map(({ document }) => document)).toEqual([complete, complete]);
  });

  it('do without providers and role mappings where there are none', () => {
    const sent = elsewhere.calls.map(({ document }) => document);
    expect(sent).toContainEqual({ ...bare, CognitoIdentityProviders: [added] });
    expect(sent).toContainEqual({ IdentityPoolId: POOL, Roles: roles.Roles });
  });

  it('say whether the logins are linked, whether another user can be read, and what was not copied', () => {
    expect(printed).toContain('linked: eu-west-1:ann\n');
    expect(printed).not.toContain('ANOTHER USER CAN BE READ');
    expect(printed).toContain('again: eu-west-1:failing,bob\n');
    expect(printed).toContain('{"eventTime":"2026-03-03","errorCode":null,"tags":{"userId":"ann"}}');
    expect(elsewhere.printed).toContain('NOT LINKED: eu-west-1:ann, eu-west-1:ann, eu-west-1:accidental\n');
    expect(elsewhere.printed).toContain('ANOTHER USER CAN BE READ');
  });

  it('print no credentials', () => {
    expect(printed).not.toMatch(/secret|session/);
  });
});

describe('the policies of docs/identity-pools.md', () => {
  interface Statement {
    readonly Effect: string;
    readonly Action: string | readonly string[];
    readonly Resource?: string;
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }
  const policies = blocks('json').map((text) => JSON.parse(text) as { Version: string; Statement: Statement[] });
  const [trust, tagged, backend] = policies.map(({ Statement }) => Statement);

  it('are of the version that has variables, and allow no more than they name', () => {
    expect(policies).toHaveLength(3);
    for (const { Version, Statement } of policies) {
      expect(Version).toBe('2012-10-17');
      for (const { Effect, Action, Resource } of Statement) {
        expect(Effect).toBe('Allow');
        expect([Action].flat().filter((action) => action.includes('*'))).toEqual([]);
        expect(Resource ?? '').not.toBe('*');
      }
    }
  });

  it('let one identity pool assume the role and tag the session, for users who signed in', () => {
    expect(trust?.[0]?.Action).toEqual(['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']);
    expect(trust?.[0]?.Condition).toEqual({
      StringEquals: { 'cognito-identity.amazonaws.com:aud': POOL },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
    });
  });

  it('give a user nothing but what the tag names', () => {
    expect(tagged?.filter((statement) => !JSON.stringify(statement).includes(`\${aws:PrincipalTag/userId}`))).toEqual(
      [],
    );
    expect(JSON.stringify(tagged)).not.toContain('cognito-identity.amazonaws.com:sub');
    // "ForAllValues" is also true of a request that names no key at all.
    expect(tagged?.find(({ Condition }) => Condition?.['ForAllValues:StringEquals'])?.Condition?.['Null']).toEqual({
      'dynamodb:LeadingKeys': 'false',
    });
  });

  it('let the backend link identities of one identity pool, and nothing else', () => {
    const Resource = `arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/${POOL}`;
    expect(backend).toMatchObject([{ Action: 'cognito-identity:GetOpenIdTokenForDeveloperIdentity', Resource }]);
  });
});
