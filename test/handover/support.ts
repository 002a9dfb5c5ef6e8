import type {
  CreateAuthChallengeTriggerEvent,
  DefineAuthChallengeTriggerEvent,
  VerifyAuthChallengeResponseTriggerEvent,
} from 'aws-lambda';
import type { HandoverFetch, HandoverOptions, HandoverResult } from '../../src/handover/hand-over.js';
import { handOver } from '../../src/handover/hand-over.js';
import type { PoolOptions, SimulatorOptions } from '../support/cognito-simulator/index.js';
import { started } from '../support/cognito-simulator/testing.js';

export const LEGACY = 'eu-west-1_Legacy';
export const NEW = 'eu-west-1_New';
const SUB = '11111111-2222-3333-4444-555555555555';
const PASSWORD = 'Passw0rd!';

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** A JWT that nobody signed. */
export const tokenOf = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

/** Stand-ins for the triggers: a token of Anna is right once. */
function triggers() {
  const used = new Set<string>();
  return {
    defineAuthChallenge: (event: DefineAuthChallengeTriggerEvent) => {
      const [round] = event.request.session;
      event.response = {
        challengeName: 'CUSTOM_CHALLENGE',
        issueTokens: round?.challengeResult === true,
        failAuthentication: round?.challengeResult === false,
      };
      return event;
    },
    createAuthChallenge: (event: CreateAuthChallengeTriggerEvent) => {
      event.response = {
        publicChallengeParameters: { kind: 'legacy-session' },
        privateChallengeParameters: {},
        challengeMetadata: 'legacy-session',
      };
      return event;
    },
    verifyAuthChallengeResponse: (event: VerifyAuthChallengeResponseTriggerEvent) => {
      const token = `${event.request.challengeAnswer}`;
      const { sub, expired } = token === 'a.b.c' ? {} : claimsOf(token);
      event.response = { answerCorrect: sub === SUB && expired !== true && !used.has(token) };
      used.add(token);
      return event;
    },
  };
}

export interface Stage {
  readonly legacy?: Partial<PoolOptions>;
  readonly next?: Partial<PoolOptions>;
  readonly simulator?: Partial<SimulatorOptions>;
  /** The legacy app client rotates its refresh tokens. */
  readonly rotating?: boolean;
}

/** Two pools with Anna in both, her legacy session, and the hand-over with what both need. */
export async function stage({ legacy, next, simulator: more, rotating = false }: Stage = {}) {
  const { simulator } = await started({
    ...more,
    pools: [
      {
        id: LEGACY,
        users: [{ username: 'ann', sub: SUB, password: PASSWORD }],
        clients: [{ ClientId: 'old', ...(rotating && { RefreshTokenRotation: { Feature: 'ENABLED' } }) }],
        ...legacy,
      },
      {
        id: NEW,
        users: [{ username: 'anna', attributes: { email: 'ann@example.com' } }],
        clients: [{ ClientId: 'app', ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'] }],
        triggers: triggers(),
        ...next,
      },
    ],
  });
  const request = { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: 'old', AuthParameters: { USERNAME: 'ann', PASSWORD } };
  const { AuthenticationResult } = (await simulator.handle('InitiateAuth', request)) as {
    AuthenticationResult: { AccessToken: string; RefreshToken: string; IdToken: string };
  };
  simulator.stats.reset();
  const { AccessToken: accessToken, RefreshToken: refreshToken } = AuthenticationResult;
  const at = (clientId: string) => ({ region: 'eu-west-1', clientId, endpoint: simulator.endpoint });
  const options = {
    newPool: at('app'),
    legacyPool: at('old'),
    username: 'anna',
    legacySession: { accessToken, refreshToken },
  } satisfies HandoverOptions;
  return {
    simulator,
    options,
    accessToken,
    refreshToken,
    handOver: (over: Partial<HandoverOptions> = {}): Promise<HandoverResult> => handOver({ ...options, ...over }),
    /** How often each operation arrived. */
    calls: () =>
      Object.fromEntries(Object.entries(simulator.stats.operations).map(([name, { attempts }]) => [name, attempts])),
    /** Whether the legacy session still works. */
    isLegacyAlive: (token = refreshToken) =>
      simulator.handle('GetTokensFromRefreshToken', { ClientId: 'old', RefreshToken: token }).then(
        () => true,
        () => false,
      ),
  };
}

const operationOf = (request: { headers: Record<string, string> }) =>
  request.headers['X-Amz-Target']?.split('.')[1] ?? '';

/** The real fetch, except for one operation, which gets this answer. */
export const answering =
  (operation: string, status: number, body: unknown): HandoverFetch =>
  (url, request) =>
    operationOf(request) === operation
      ? Promise.resolve({ status, text: async () => (typeof body === 'string' ? body : JSON.stringify(body)) })
      : fetch(url, request);

/** The real fetch, and what happens before a request of each operation. */
export const before =
  (happens: Readonly<Record<string, (signal: AbortSignal) => unknown>>): HandoverFetch =>
  async (url, request) => {
    await happens[operationOf(request)]?.(request.signal);
    return fetch(url, request);
  };
