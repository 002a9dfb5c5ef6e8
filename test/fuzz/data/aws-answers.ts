import { join } from 'node:path';
import fc from 'fast-check';
import type { Clock } from '../../../src/clock.js';
import { LEGACY_POOL, NEW_POOL } from '../../support/cognito-simulator/migration-pair.js';
import type { PoolOptions } from '../../support/cognito-simulator/pool.js';
import type { UserInput } from '../../support/cognito-simulator/users.js';
import { CANARY } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { assertWellEnded, type CommandRun, runCommand, skippingClock } from './command-run.js';
import { Evidence } from './evidence-model.js';
import { type Exchange, type Forged, type Forger, HostileCognito } from './hostile-cognito.js';
import { changed, type JsonChange, jsonChange } from './json-mutants.js';
import { Scratch } from './scratch.js';

const ATTRIBUTE = 'custom:legacy_sub';

const EXCEPTIONS = [
  'TooManyRequestsException',
  'InternalErrorException',
  'ResourceNotFoundException',
  'NotAuthorizedException',
  'InvalidParameterException',
  'UserNotFoundException',
  'AccessDeniedException',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'LimitExceededException',
  'AliasExistsException',
  'SomethingNew',
  '',
] as const;

type Forgery =
  | { readonly kind: 'change'; readonly changes: readonly JsonChange[] }
  | { readonly kind: 'half'; readonly share: number; readonly cut: boolean }
  | { readonly kind: 'text'; readonly status: number; readonly body: string }
  | { readonly kind: 'exception'; readonly status: number; readonly name: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'person'; readonly from: number; readonly to: number; readonly what: 'sub' | 'email' | 'whole' }
  | { readonly kind: 'twice' }
  | { readonly kind: 'nobody' };

interface Fault {
  /** Which requests, chosen among those of a name: the first so many of them are honest. */
  readonly operation: string;
  readonly from: number;
  readonly times: number;
  readonly forgery: Forgery;
}

const TEXTS = [
  '',
  'null',
  '[]',
  '"text"',
  '{',
  `<html><body>Sign in, ${CANARY.email}</body></html>`,
  `{"Users": [{"Username": "x", "Attributes": [{"Name": "email", "Value": "${CANARY.email}" oops`,
  `{"__type": "${CANARY.email}", "message": "none"}`,
  '{"Users": null, "PaginationToken": 7}',
  '{"Users": {}, "PaginationToken": []}',
];

const forgery: fc.Arbitrary<Forgery> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      changes: fc.array(jsonChange, { minLength: 1, maxLength: 3 }),
    }),
  },
  fc.record({
    kind: fc.constant('half' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.boolean(),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('text' as const),
      status: fc.constantFrom(200, 200, 201, 204, 301, 400, 403, 404, 413, 429, 500, 501, 502, 503),
      body: fc.constantFrom(...TEXTS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('exception' as const),
      status: fc.constantFrom(400, 400, 403, 500),
      name: fc.constantFrom(...EXCEPTIONS),
    }),
  },
  fc.constant({ kind: 'reset' as const }),
  fc.record({ kind: fc.constant('token' as const), token: fc.constantFrom('again', '', ' ', 'x'.repeat(3000), 'é\0') }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      from: fc.nat(9),
      to: fc.nat(9),
      what: fc.constantFrom('sub' as const, 'email' as const, 'whole' as const),
    }),
  },
  fc.constant({ kind: 'twice' as const }),
  fc.constant({ kind: 'nobody' as const }),
);

const OPERATIONS = [
  'ListUsers',
  'ListUsers',
  'ListUsers',
  'AdminUpdateUserAttributes',
  'AdminDeleteUserAttributes',
  'DescribeUserPool',
  'ListUserPoolClients',
  'DescribeUserPoolClient',
  'ListIdentityProviders',
  'DescribeIdentityProvider',
  'ListGroups',
  'GetGroup',
  'CreateGroup',
  'ListUsersInGroup',
  'AdminAddUserToGroup',
  'AdminRemoveUserFromGroup',
  'DeleteGroup',
  'any',
] as const;

const fault: fc.Arbitrary<Fault> = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  from: fc.nat(3),
  times: fc.constantFrom(1, 1, 2, 5, 1000),
  forgery,
});

/** The runs that meet forged answers. `apply` follows an honest plan where `plan` is not among them. */
const RUNS = ['plan', 'apply', 'verify', 'rollback', 'assess'] as const;
type RunName = (typeof RUNS)[number];

interface Input {
  readonly groups: boolean;
  readonly faults: Readonly<Record<RunName, readonly Fault[]>>;
}

const few = fc.oneof(fc.constant([]), fc.array(fault, { minLength: 1, maxLength: 3 }));
const input: fc.Arbitrary<Input> = fc.record({
  groups: fc.boolean(),
  faults: fc.record({ plan: few, apply: few, verify: few, rollback: few, assess: few }),
});

/** Subs without a pattern, as Cognito's are: one is never another's with a slip. */
const SUBS = [
  '5d1c8a52-1c0e-4f6b-9a34-0f5be3a7c111',
  'e0b7f3a9-64d2-4c1d-8e57-7ab96c20d222',
  '1f93c6de-9b08-47a5-b6c1-52d8e4f0a333',
  'a86e0d47-3f5b-4b92-a07d-c91b6e35f444',
  '7c25b9f1-d8e4-4a63-95bf-3e70a1d6c555',
  'c4f18e6a-72b9-4d05-8b3e-96a5f7d20666',
  '38ad5b07-e1c6-4f89-9d42-b7c06e91a777',
  '92e7c0b4-5a3d-4e18-ae96-1d4f8b62c888',
];
const newSub = (sub: string) =>
  sub
    .replaceAll(/[0-9a-f]/g, (digit) => ((Number.parseInt(digit, 16) * 7 + 5) % 16).toString(16))
    .replace(/-\w(\w{3})-\w(\w{3})-/, '-4$1-9$2-');

const mail = (n: number) => CANARY.email.replace('@', `+${n}@`);

function person(n: number, sub: string, more: Readonly<Record<string, string>> = {}): UserInput {
  const attributes = { email: mail(n), email_verified: 'true', phone_number: CANARY.phone, name: CANARY.name, ...more };
  return { username: `user-${n}`, sub, attributes };
}

/** Two pools, in which there is somebody to write, somebody who is right, and somebody who is new. */
function pools(): readonly [PoolOptions, PoolOptions] {
  const legacy = SUBS.map((sub, n) => person(n, sub));
  const fresh = SUBS.slice(0, 7).map((sub, n) => ({
    ...person(n, newSub(sub), n === 3 ? { [ATTRIBUTE]: sub } : n === 4 ? { email_verified: 'false' } : {}),
    // The e-mail address alone proves who this is.
    ...(n === 5 ? { username: 'renamed-5' } : {}),
  }));
  const native = { ...person(20, newSub(SUBS[7] ?? '')), username: 'new-born' };
  const groups = [
    { GroupName: 'staff', members: ['user-0', 'user-1', 'user-3'] },
    { GroupName: 'beta', members: ['user-2'] },
  ];
  const clients = [
    { ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'], ReadAttributes: ['email', ATTRIBUTE] },
  ];
  return [
    { id: LEGACY_POOL, users: legacy, groups, clients: [{ ClientId: 'old', ClientName: 'old' }] },
    {
      id: NEW_POOL,
      users: [...fresh, native],
      customAttributes: ['legacy_sub'],
      clients,
      groups: [{ GroupName: 'beta' }],
    },
  ];
}

const isAboutUser = ({ input }: Exchange) => 'Username' in input || String(input['Filter']).startsWith('username');

function forged(fault: Fault, exchange: Exchange): Forged {
  const { answer, status } = exchange;
  const { forgery } = fault;
  const json = JSON.stringify(answer);
  switch (forgery.kind) {
    case 'change': {
      let value = answer;
      for (const change of forgery.changes) value = changed(value, change);
      return { status, body: JSON.stringify(value) ?? '' };
    }
    case 'half':
      return { status, body: json.slice(0, Math.floor(json.length * forgery.share)), cut: forgery.cut };
    case 'text':
      return { status: forgery.status, body: forgery.body, contentType: 'text/html' };
    case 'exception': {
      // AWS may repeat a parameter; of calls that are not about a user, none is personal.
      const message = isAboutUser(exchange) ? `Something about ${CANARY.email} and ${CANARY.phone}` : 'Something';
      const body = JSON.stringify({ __type: forgery.name, message });
      return { status: forgery.status, body, ...(forgery.name === '' ? {} : { errorType: forgery.name }) };
    }
    case 'reset':
      return { status: 'reset', body: '' };
    case 'token':
      return {
        status,
        body: JSON.stringify({ ...(answer as object), PaginationToken: forgery.token, NextToken: forgery.token }),
      };
    case 'twice':
    case 'nobody':
    case 'person':
      return { status, body: JSON.stringify(withOtherPeople(structuredClone(answer), forgery)) };
  }
}

interface Listed {
  Users?: { Username: string; Attributes: { Name: string; Value: string }[] }[];
}

function withOtherPeople(answer: unknown, forgery: Extract<Forgery, { kind: 'person' | 'twice' | 'nobody' }>): unknown {
  const users = (answer as Listed).Users;
  if (!Array.isArray(users)) return answer;
  const [one, other] =
    forgery.kind === 'person'
      ? [users[forgery.from % users.length], users[forgery.to % users.length]]
      : [users[0], users[1]];
  if (one === undefined || other === undefined) return answer;
  if (forgery.kind === 'twice') users.push(...structuredClone(users));
  else if (forgery.kind === 'nobody') users.push({ ...structuredClone(one), Username: 'user-nobody' });
  else if (forgery.what === 'whole') one.Attributes = structuredClone(other.Attributes);
  else {
    const theirs = other.Attributes?.find(({ Name }) => Name === forgery.what);
    const own = one.Attributes?.find(({ Name }) => Name === forgery.what);
    if (theirs !== undefined && own !== undefined) own.Value = theirs.Value;
  }
  return answer;
}

const refuses = ({ forgery }: Fault): boolean =>
  (forgery.kind === 'text' || forgery.kind === 'exception') && forgery.status >= 300 && forgery.status < 500;

const forgerOf =
  (faults: readonly Fault[]): Forger =>
  (asked) => {
    const hit = faults.find(
      ({ operation, from, times }) =>
        (operation === 'any' || operation === asked.operation) && asked.nth >= from && asked.nth < from + times,
    );
    return hit && { refuses: refuses(hit), forge: (exchange) => forged(hit, exchange) };
  };

const WRITES = /^(Admin(Update|Delete|Add|Remove|Create|Disable|Set)|Create|Delete|Update|Set)/;
const MAY_WRITE: Readonly<Record<RunName, readonly string[]>> = {
  plan: [],
  verify: [],
  assess: [],
  apply: ['AdminUpdateUserAttributes', 'CreateGroup', 'AdminAddUserToGroup'],
  rollback: ['AdminUpdateUserAttributes', 'AdminDeleteUserAttributes', 'DeleteGroup', 'AdminRemoveUserFromGroup'],
};

/** What the new pool holds that a migration changes. */
function contentOf({ core }: HostileCognito): string {
  const pool = core.pool(NEW_POOL);
  const values = [...pool.users.all()].map((user) => [user.username, user.attributes[ATTRIBUTE] ?? '']).sort();
  const groups = [...pool.groups.values()].map((group) => [group.name, ...[...group.members].sort()]).sort();
  return JSON.stringify({ values, groups });
}

/** The commands of one migration, on one clock. */
class Migration {
  readonly #where: readonly string[];
  readonly #evidence = new Evidence(LEGACY_POOL, NEW_POOL, ATTRIBUTE);

  constructor(
    readonly cognito: HostileCognito,
    readonly clock: Clock,
    folder: string,
    readonly groups: boolean,
  ) {
    const { endpoint } = cognito;
    this.#where = [
      ...[
        '--legacy-pool',
        LEGACY_POOL,
        '--new-pool',
        NEW_POOL,
        '--legacy-endpoint',
        endpoint,
        '--new-endpoint',
        endpoint,
      ],
      ...['--state', join(folder, 'cutover.db'), '--json', '--patience', '2m'],
    ];
    cognito.onShown = (operation, asked, answer) => this.#evidence.show(operation, asked, answer);
  }

  async run(name: RunName, faults: readonly Fault[] = [], more: readonly string[] = []): Promise<CommandRun> {
    const { cognito, clock } = this;
    const wrong: string[] = [];
    this.#evidence.begin(name);
    cognito.setForger(forgerOf(faults));
    cognito.onRequest = (operation, asked) => {
      if (WRITES.test(operation) && !MAY_WRITE[name].includes(operation)) wrong.push(`${name} sent ${operation}`);
      const reason = name === 'apply' ? this.#evidence.against(operation, asked) : undefined;
      if (reason !== undefined) wrong.push(reason);
    };
    const run = await runCommand([name, ...this.#argumentsOf(name), ...more], { clock });
    cognito.setForger(() => undefined);
    assertWellEnded(name, run);
    if (wrong.length > 0) throw new Error(`${wrong[0]}\n${run.stderr}`);
    return run;
  }

  #argumentsOf(name: RunName): readonly string[] {
    const where = name === 'assess' ? this.#where.filter((_, at) => at !== 8 && at !== 9) : this.#where;
    const pace = ['--rps', '1000', '--quota', '1000'];
    const read = ['--read-rps', '1000'];
    switch (name) {
      case 'plan':
        return [...where, ...read, ...(this.groups ? ['--groups'] : [])];
      case 'apply':
      case 'rollback':
        return [...where, ...pace, ...read, '--yes'];
      case 'verify':
        return [...where, ...read];
      case 'assess':
        return where;
    }
  }
}

export const awsAnswers = fuzzTarget<Input>({
  name: 'aws-answers',
  boundary: "answers of Cognito's API to plan, apply, verify, rollback and assess",
  async start() {
    const scratch = new Scratch();
    const cognito = await new HostileCognito().listen();
    return {
      input,
      count: ({ faults }) => Math.max(1, Object.values(faults).flat().length),
      check: ({ groups, faults }) =>
        scratch.within(async (folder) => {
          cognito.reset(pools());
          const before = contentOf(cognito);
          const migration = new Migration(cognito, skippingClock(), folder, groups);
          if (faults.assess.length > 0) await migration.run('assess', faults.assess);
          const planned = await migration.run('plan', faults.plan);
          if (!['done', 'attention'].includes(planned.ending)) await migration.run('plan', [], ['--fresh']);
          await migration.run('apply', faults.apply);
          if (faults.verify.length > 0) await migration.run('verify', faults.verify);
          const skipped = faults.rollback.length > 0 ? skippedBy(await migration.run('rollback', faults.rollback)) : 0;
          await takeBack(migration, before, skipped);
          await applyHonestly(migration, skipped);
        }),
      close: async () => {
        await cognito.close();
        scratch.close();
      },
    };
  },
});

/** How many users a rollback found to be gone: it is right to leave them alone if that is what the pool answered. */
function skippedBy({ stdout }: CommandRun): number {
  return Number((JSON.parse(stdout) as { skipped?: number }).skipped ?? 0);
}

/** Whatever was written until now is in the journal: a rollback that hears the truth restores everything. */
async function takeBack(migration: Migration, before: string, skipped: number): Promise<void> {
  const run = await migration.run('rollback');
  const now = contentOf(migration.cognito);
  if (skipped > 0 || now === before) return;
  throw new Error(`rollback (${run.ending}) did not restore the pool:\n${before}\n${now}\n${run.stdout}${run.stderr}`);
}

/** A migration that hears the truth ends right, whatever the state went through. */
async function applyHonestly(migration: Migration, skipped: number): Promise<void> {
  const runs = [
    await migration.run('plan', [], ['--fresh']),
    await migration.run('apply'),
    await migration.run('verify'),
  ];
  const found = Object.fromEntries(
    [...migration.cognito.core.pool(NEW_POOL).users.all()].map((user) => [user.username, user.attributes[ATTRIBUTE]]),
  );
  const expected: Record<string, string | undefined> = {
    'user-0': SUBS[0],
    'user-1': SUBS[1],
    'user-2': SUBS[2],
    'user-3': SUBS[3],
    'renamed-5': SUBS[5],
    'user-6': SUBS[6],
  };
  for (const [name, value] of Object.entries(found)) {
    // What an earlier run was made to write stays, and is told: it was written on evidence that the pool itself gave.
    if (skipped > 0 && value !== undefined) continue;
    if (value === expected[name]) continue;
    throw new Error(`${name} ended with ${value}: ${runs.map(({ stdout, stderr }) => stdout + stderr).join('\n')}`);
  }
}
