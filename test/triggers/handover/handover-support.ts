import type {
  CreateAuthChallengeTriggerEvent,
  DefineAuthChallengeTriggerEvent,
  VerifyAuthChallengeResponseTriggerEvent,
} from 'aws-lambda';
import { onTestFinished } from 'vitest';
import type { OnceStore } from '../../../src/once/once-store.js';
import { createTestPools } from '../../../src/testing/test-pools.js';
import type { AccessTokenInput } from '../../../src/testing/token-claims.js';
import type { SessionHandoverOptions } from '../../../src/triggers/handover/handover-options.js';
import type { RefusedHandover } from '../../../src/triggers/handover/handover-refusal.js';
import { createSessionHandover } from '../../../src/triggers/handover/session-handover.js';
import type { SimulatorOptions, UserInput } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { eventBase, NEW_POOL } from '../support.js';

export const LEGACY_SUB = '11111111-1111-4111-8111-111111111111';
export const NEW_SUB = '0f6d3c1a-0000-4000-8000-000000000001';
export const CLIENT = 'client';

type Session = DefineAuthChallengeTriggerEvent['request']['session'];

/** What the new pool says of Anna: mapped by the attribute. */
export const ANNA_THERE = {
  sub: NEW_SUB,
  'cognito:user_status': 'CONFIRMED',
  'custom:legacy_sub': LEGACY_SUB,
};

/** What a session holds after the right answer. */
export const ROUND = {
  challengeName: 'CUSTOM_CHALLENGE',
  challengeResult: true,
  challengeMetadata: 'legacy-session',
} as const;

export function defineEvent(session: Session, more: object = {}): DefineAuthChallengeTriggerEvent {
  return {
    ...eventBase('DefineAuthChallenge_Authentication', 'anna'),
    triggerSource: 'DefineAuthChallenge_Authentication',
    request: { userAttributes: ANNA_THERE, session, ...more },
    response: { failAuthentication: false, issueTokens: false },
  };
}

export function createEvent(challengeName = 'CUSTOM_CHALLENGE'): CreateAuthChallengeTriggerEvent {
  return {
    ...eventBase('CreateAuthChallenge_Authentication', 'anna'),
    triggerSource: 'CreateAuthChallenge_Authentication',
    request: { userAttributes: ANNA_THERE, challengeName, session: [] },
    response: { publicChallengeParameters: {}, privateChallengeParameters: {}, challengeMetadata: '' },
  };
}

export function verifyEvent(challengeAnswer: string, more: object = {}): VerifyAuthChallengeResponseTriggerEvent {
  return {
    ...eventBase('VerifyAuthChallengeResponse_Authentication', 'anna'),
    triggerSource: 'VerifyAuthChallengeResponse_Authentication',
    request: {
      userAttributes: ANNA_THERE,
      privateChallengeParameters: { kind: 'legacy-session' },
      challengeAnswer,
      ...more,
    },
    response: { answerCorrect: true },
  };
}

/** As a store does it, in memory; `calls` are the claims. */
export class MemoryOnce implements OnceStore {
  readonly calls: { name: string; until: number }[] = [];
  async claim(name: string, until: number): Promise<boolean> {
    this.calls.push({ name, until });
    return this.calls.filter((one) => one.name === name).length === 1;
  }
}

export interface Setting extends Partial<SessionHandoverOptions> {
  /** Whether the new pool is asked, over HTTP. */
  readonly asksNewPool?: boolean;
  /** Whether the legacy pool's keys are served over HTTP, rather than known. */
  readonly servesKeys?: boolean;
  /** Another legacy pool for GetUser. */
  readonly legacyEndpoint?: string;
  readonly legacyUser?: Partial<UserInput>;
  readonly newUser?: Partial<UserInput>;
  readonly simulator?: Partial<SimulatorOptions>;
}

/** Anna, who has an account in both pools, and a hand-over between them. The legacy pool signs her tokens, and answers GetUser over HTTP. */
export async function handOver(setting: Setting = {}) {
  const { legacyUser, newUser, simulator: more, asksNewPool, servesKeys, legacyEndpoint, ...options } = setting;
  const pools = await createTestPools({ serve: servesKeys === true });
  onTestFinished(() => pools.close());
  const { legacyPool, newPool } = pools;
  const { simulator } = await started({
    pools: [
      { id: legacyPool.userPoolId, users: [{ username: 'anna', sub: LEGACY_SUB, attributes: {}, ...legacyUser }] },
      {
        id: NEW_POOL,
        customAttributes: ['legacy_sub'],
        users: [{ username: 'anna', sub: NEW_SUB, attributes: {}, ...newUser }],
      },
    ],
    ...more,
  });
  const once = new MemoryOnce();
  const refusals: RefusedHandover[] = [];
  const faults: unknown[] = [];
  const triggers = createSessionHandover({
    legacyPool: { ...legacyPool.options, endpoint: legacyEndpoint ?? simulator.endpoint },
    once,
    onRefused: (refusal) => refusals.push(refusal),
    onFault: (fault) => faults.push(fault),
    ...(asksNewPool === true && { newPool: { endpoint: simulator.endpoint } }),
    ...options,
  });
  const token = (claims: AccessTokenInput = {}) =>
    legacyPool.accessToken({ sub: LEGACY_SUB, username: 'anna', ...claims });
  /** `right`, or the code of the refusal. */
  const answer = async (given: string = token(), request: object = {}): Promise<string> => {
    const before = refusals.length;
    const { response } = await triggers.verifyAuthChallengeResponse(verifyEvent(given, request));
    const told = refusals.slice(before).map(({ code }) => code);
    return response.answerCorrect ? ['right', ...told].join() : told.join();
  };
  return { pools, legacyPool, newPool, simulator, once, refusals, faults, triggers, token, answer };
}
