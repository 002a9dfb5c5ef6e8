import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from './errors.js';
import type { SimulatedPool } from './pool.js';
import type { SimulatedUser } from './users.js';

/** A Lambda function. */
type Trigger = (event: never, context: never) => unknown;

/** The Lambda functions of a pool, by the names of its LambdaConfig. */
export interface PoolTriggers {
  readonly defineAuthChallenge?: Trigger;
  readonly createAuthChallenge?: Trigger;
  readonly verifyAuthChallengeResponse?: Trigger;
  /** With events of version 2. */
  readonly preTokenGeneration?: Trigger;
}

interface Invocation {
  readonly name: keyof PoolTriggers;
  readonly source: string;
  readonly version?: string;
  readonly userName: string;
  readonly clientId: string;
  readonly request: object;
}

const LIMIT_MS = 5_000;

/** Calls a function with the event that Cognito would send, and answers its `response`. */
export async function invoke(pool: SimulatedPool, { name, source, version = '1', ...about }: Invocation) {
  const trigger = pool.options.triggers?.[name];
  if (trigger === undefined) return {};
  const label = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const event = {
    version,
    region: pool.region,
    userPoolId: pool.id,
    userName: about.userName,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: about.clientId },
    triggerSource: source,
    request: about.request,
    response: {},
  };
  const answer = await withinLimit(pool, label, async () => {
    // What is sent to Lambda and back is JSON.
    const context = { functionName: name, awsRequestId: 'sim', getRemainingTimeInMillis: () => LIMIT_MS };
    return overTheWire(await trigger(overTheWire(event) as never, context as never));
  });
  const response = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'response') : undefined;
  if (typeof response !== 'object' || response === null) {
    throw new ServiceError('InvalidLambdaResponseException', 'Unrecognizable lambda output');
  }
  return response as Readonly<Record<string, unknown>>;
}

async function withinLimit(pool: SimulatedPool, label: string, work: () => Promise<unknown>): Promise<unknown> {
  const over = new AbortController();
  const timeout = delay(pool.options.triggerLimitMs ?? LIMIT_MS, undefined, { signal: over.signal }).then(() => {
    throw new ServiceError('UnexpectedLambdaException', `${label} did not answer in time.`);
  });
  timeout.catch(() => {});
  try {
    return await Promise.race([work(), timeout]);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const message = error instanceof Error ? error.message : `${error}`;
    throw new ServiceError('UserLambdaValidationException', `${label} failed with error ${message}.`);
  } finally {
    over.abort();
  }
}

const overTheWire = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** The attributes as triggers see them. */
export const attributesForTriggers = (user: SimulatedUser | undefined): Record<string, string> =>
  user === undefined ? {} : { ...user.attributes, 'cognito:user_status': user.status };
