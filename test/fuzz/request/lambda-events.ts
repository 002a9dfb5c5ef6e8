import fc from 'fast-check';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import type { LegacyUser } from '../../../src/directory/lambda/trigger-pools.js';
import { createPostConfirmationTrigger } from '../../../src/triggers/post-confirmation.js';
import { createPreSignUpTrigger } from '../../../src/triggers/pre-sign-up.js';
import { createPreTokenGenerationTrigger } from '../../../src/triggers/pre-token-generation.js';
import { TriggerError } from '../../../src/triggers/trigger-error.js';
import { createUserMigrationTrigger } from '../../../src/triggers/user-migration.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { judgedPools, originalsOf } from '../../support/judges.js';
import { assertNoCanary, CANARY } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { eavesdrop, ensure, type Settled, settledOf } from './refusals.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const NEW_SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const LEGACY_SUB = '11111111-1111-4111-8111-111111111111';
const STORED = '22222222-2222-4222-8222-222222222222';
const FORGED = '99999999-9999-4999-8999-999999999999';

const KINDS = ['migration', 'pre-sign-up', 'post-confirmation', 'pre-token', 'rest', 'request', 'http'] as const;
type Kind = (typeof KINDS)[number];

/** A field of an event, by its path, that gets another value, or none. */
type Change = readonly [path: readonly string[], value: unknown];
const NONE = Symbol('none');

const word = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('request', 'userAttributes', 'userName', 'triggerSource', 'response', 'version'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('sub', 'email', 'identities', 'custom:legacy_sub', 'userPoolId', 'password'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('headers', 'authorizationToken', 'methodArn', 'routeArn', 'type', 'identitySource'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'clientMetadata', 'Authorization', 'requestContext'),
  },
);
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    NONE,
    null,
    true,
    0,
    -1,
    '',
    'x',
    [],
    {},
    [[]],
    'ü\u0000\ud800',
    'a'.repeat(100_000),
  ),
  fc.constantFrom<unknown>(CANARY.email, CANARY.token, CANARY.password, FORGED, { toString: 1 }),
  fc.constantFrom<unknown>(
    'TokenGeneration_X',
    'PreSignUp_X',
    'PostConfirmation_ConfirmForgotPassword',
    'UserMigration_X',
  ),
  fc.constantFrom<unknown>(
    JSON.stringify([{ providerName: 'Okta', userId: FORGED, primary: 'true' }]),
    JSON.stringify({ providerName: 'Okta' }),
    JSON.stringify([null, 7, { providerName: {}, userId: [] }]),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const change: fc.Arbitrary<Change> = fc.tuple(fc.array(word, { minLength: 1, maxLength: 3 }), odd);

interface Input {
  readonly kind: Kind;
  /** Changes where the event has fields, and anywhere. */
  readonly known: readonly (readonly [at: number, value: unknown])[];
  readonly changes: readonly Change[];
  readonly hasToken: boolean;
}
const input: fc.Arbitrary<Input> = fc.record({
  kind: fc.constantFrom(...KINDS),
  known: fc.array(fc.tuple(fc.nat({ max: 40 }), odd), { maxLength: 3 }),
  changes: fc.array(change, { maxLength: 2 }),
  hasToken: fc.boolean(),
});

const personal = { sub: NEW_SUB, email: CANARY.email, phone_number: CANARY.phone, name: CANARY.name };

function eventOf(kind: Kind, token: string): Record<string, unknown> {
  const base = (triggerSource: string, request: object, response: object = {}) => ({
    ...{ version: '1', region: 'eu-west-1', userPoolId: 'eu-west-1_New000000', userName: CANARY.email, triggerSource },
    callerContext: { awsSdkVersion: 'x', clientId: 'client' },
    ...{ request, response },
  });
  const arn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef/prod/GET/orders';
  switch (kind) {
    case 'migration':
      return base('UserMigration_Authentication', {
        password: CANARY.password,
        validationData: {},
        clientMetadata: {},
      });
    case 'pre-sign-up':
      return base('PreSignUp_SignUp', { userAttributes: personal, validationData: {}, clientMetadata: {} });
    case 'post-confirmation':
      return base('PostConfirmation_ConfirmSignUp', { userAttributes: personal, clientMetadata: {} });
    case 'pre-token':
      return base('TokenGeneration_Authentication', { userAttributes: personal, groupConfiguration: {} });
    case 'rest':
      return { type: 'TOKEN', authorizationToken: `Bearer ${token}`, methodArn: arn };
    case 'request':
      return { type: 'REQUEST', methodArn: arn, headers: { Authorization: `Bearer ${token}` }, requestContext: {} };
    case 'http':
      return {
        ...{ type: 'REQUEST', version: '2.0', routeArn: arn, headers: { authorization: `Bearer ${token}` } },
        identitySource: [`Bearer ${token}`],
      };
  }
}

/** The paths of all fields of an event. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...path, name]));
  return path.length === 0 ? below : [path, ...below];
}

/** Sets a field as JSON.parse would: `__proto__` is a field like any other, and an array has none with a name. */
function setAt(event: object, [path, value]: Change): void {
  let at: object = event;
  for (const name of path.slice(0, -1)) {
    const inner: unknown = Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined;
    if (typeof inner !== 'object' || inner === null) return;
    at = inner;
  }
  const last = path.at(-1) as string;
  if (Array.isArray(at) && !/^\d+$/.test(last)) return;
  if (value === NONE) Reflect.deleteProperty(at, last);
  else Object.defineProperty(at, last, { value, writable: true, enumerable: true, configurable: true });
}

function changed({ kind, known, changes, hasToken }: Input, token: string): object {
  const event = structuredClone(eventOf(kind, hasToken ? token : `${CANARY.token}.x.y`));
  const paths = pathsOf(event);
  // Copies: a trigger may write to what it is given.
  const own = (value: unknown) => (typeof value === 'object' ? structuredClone(value) : value);
  for (const [at, value] of known) setAt(event, [paths[at % paths.length] as readonly string[], own(value)]);
  for (const [path, value] of changes) setAt(event, [path, own(value)]);
  return event;
}

/** Pools in which somebody exists, and what the triggers wrote there. */
function poolsWith(written: string[]) {
  const anna: LegacyUser = {
    ...{ username: CANARY.email, sub: LEGACY_SUB, status: 'CONFIRMED', enabled: true, factors: [] },
    attributes: { sub: LEGACY_SUB, email: CANARY.email, email_verified: 'true' },
  } as never;
  const legacyPool = {
    userPoolId: 'eu-west-1_Legacy000',
    signIn: async (_name: string, password: string) =>
      password === CANARY.password ? { outcome: 'signed-in', sub: LEGACY_SUB } : { outcome: 'refused' },
    getUser: async (name: string) => (name === CANARY.email ? anna : undefined),
    findUsers: async (_field: string, value: string) => (value === CANARY.email ? [anna] : []),
    groupsOf: async () => [],
    mfaConfiguration: async () => 'OFF',
  };
  const newPool = {
    findUsers: async () => [],
    setAttribute: async (_name: string, _attribute: string, value: string) => void written.push(value),
    addToGroup: async () => true,
    disableUser: async () => {},
    describe: async () => ({ attributes: undefined, aliasAttributes: [], requiresMfa: false }),
    offersSmsMfa: async () => false,
  };
  return { legacyPool, newPool } as never as { legacyPool: never; newPool: never };
}

/** The handler of a kind of event, made as an application makes it. */
function handlersBy(authorize: (event: never) => Promise<unknown>, written: string[]) {
  const { legacyPool, newPool } = poolsWith(written);
  const store = { get: (sub: string) => (sub === NEW_SUB ? STORED : undefined) };
  const authorizer = authorize as (event: object) => Promise<unknown>;
  return {
    migration: createUserMigrationTrigger({ legacyPool, newPool }),
    'pre-sign-up': createPreSignUpTrigger({ legacyPool, newPool }),
    'post-confirmation': createPostConfirmationTrigger({ legacyPool, newPool }),
    'pre-token': createPreTokenGenerationTrigger({ store, attribute: null }),
    ...{ rest: authorizer, request: authorizer, http: authorizer },
  } as never as Readonly<Record<Kind, (event: object) => Promise<unknown>>>;
}

/** Whether an answer of the authorizer lets the caller in. */
const allows = (answer: unknown): boolean => {
  const text = JSON.stringify(answer) ?? '';
  return /"isAuthorized":true|"Effect":"Allow"/.test(text);
};

export const lambdaEvents = fuzzTarget<Input>({
  name: 'lambda-events',
  boundary: 'events of Lambda: triggers of Cognito, authorizers of API Gateway',
  start() {
    const pools = judgedPools();
    const good = originalsOf(pools[0], NOW / 1000)[1]?.token ?? '';
    const options = { legacyPool: pools[0].options, newPool: pools[1].options, tokenUse: 'access' as const };
    const verifier = createCutoverVerifier({ ...options, clock: { now: () => NOW } });
    const written: string[] = [];
    const handlers = handlersBy(createApiGatewayAuthorizer({ verifier }), written);
    const ears = eavesdrop();
    return {
      input,
      close: () => ears.close(),
      async check(given) {
        ears.forget();
        const event = changed(given, good);
        const holdsGood = JSON.stringify(event, (_, value: unknown) => value)?.includes(good) === true;
        const outcome = await settledOf(() => handlers[given.kind](event));
        checkOutcome(given.kind, outcome);
        if ('answer' in outcome) {
          if (allows(outcome.answer)) ensure(holdsGood, 'the authorizer allows without a good token');
          checkMapping(given.kind, outcome.answer);
        }
        for (const value of written.splice(0)) {
          ensure(value !== FORGED, 'a legacy id was written that a client made up');
        }
        ears.check();
      },
    };
  },
});

/** An answer, or an error that says what was wrong, without anything private. */
function checkOutcome(kind: Kind, outcome: Settled<unknown>): void {
  if (!('error' in outcome)) return;
  const { error } = outcome;
  ensure(error instanceof Error, `${kind} threw what is no error`);
  assertNoCanary(`the error of ${kind}`, error.message);
  assertNoCanary(`the stack of the error of ${kind}`, error.stack ?? '');
  const isOurs = error instanceof TriggerError || !/^(?:TypeError|RangeError)/.test(`${error}`);
  const isClear = /This is not an event/.test(error.message);
  if (!isOurs && !isClear) throw new Error(`${kind} failed over an event, without saying why`, { cause: error });
}

/** A mapping is what a proof says, or the store: never what came with the request. */
function checkMapping(kind: Kind, answer: unknown): void {
  const { response } = answer as { response?: unknown };
  if (kind !== 'pre-token' && kind !== 'migration') return;
  const { userAttributes, claimsOverrideDetails, claimsAndScopeOverrideDetails } = (response ?? {}) as Record<
    string,
    unknown
  >;
  const made = kind === 'migration' ? { userAttributes } : { claimsOverrideDetails, claimsAndScopeOverrideDetails };
  const values = JSON.stringify(made) ?? '';
  const claim = /"(?:custom:)?legacy_sub":"([^"]*)"/.exec(values)?.[1];
  const proven = kind === 'migration' ? LEGACY_SUB : STORED;
  ensure(claim === undefined || claim === proven, `${kind} maps a user to what nothing proves`);
}
