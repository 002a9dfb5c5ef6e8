import fc from 'fast-check';
import type { SessionHandoverOptions } from '../../../../src/triggers/handover/handover-options.js';
import { createSessionHandover } from '../../../../src/triggers/handover/session-handover.js';
import { TriggerError } from '../../../../src/triggers/trigger-error.js';
import { judgedPools } from '../../../support/judges.js';
import { assertNoCanary, CANARY } from '../../canary.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { changed, type JsonChange, jsonChange, oddValue } from '../json-mutants.js';
import {
  ANNA,
  type Answer,
  CLIENT,
  EVE,
  listenAsLegacyPool,
  NOW,
  ownerByHand,
  TOKEN_KINDS,
  type TokenKind,
  type Tokens,
  tokensOf,
} from './legacy-answers.js';

const NEW_SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const KIND = 'legacy-session';

type Stored =
  | { readonly is: 'anna' | 'eve' | 'none' | 'null' | 'fails' }
  | { readonly is: 'odd'; readonly value: unknown };

interface Step {
  readonly trigger: 'define' | 'create' | 'verify';
  readonly byOne: boolean;
  readonly token: TokenKind;
  readonly answer: Answer;
  readonly store: Stored;
  readonly attribute: 'anna' | 'eve' | 'none';
  readonly once: 'works' | 'fails' | 'odd';
  readonly rounds: readonly object[];
  readonly changes: readonly JsonChange[];
}

const round = fc.record(
  {
    challengeName: fc.constantFrom('CUSTOM_CHALLENGE', 'CUSTOM_CHALLENGE', 'SRP_A', 'PASSWORD_VERIFIER'),
    challengeResult: fc.constantFrom<unknown>(true, true, false, 'true', 1),
    challengeMetadata: fc.constantFrom(KIND, KIND, 'CAPTCHA', ''),
  },
  { requiredKeys: ['challengeName', 'challengeResult'] },
);
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ how: 'honest' as const }) },
  fc.constantFrom<Answer>(...(['refused', 'gone', 'fault', 'html', 'empty', 'other'] as const).map((how) => ({ how }))),
  fc.record({ how: fc.constant('changed' as const), change: jsonChange }),
);
const store: fc.Arbitrary<Stored> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom<Stored>({ is: 'anna' }, { is: 'none' }, { is: 'eve' }, { is: 'null' }, { is: 'fails' }),
  },
  fc.record({ is: fc.constant('odd' as const), value: oddValue }),
);
const step: fc.Arbitrary<Step> = fc.record({
  trigger: fc.constantFrom('define' as const, 'create' as const, 'verify' as const, 'verify' as const),
  byOne: fc.boolean(),
  token: fc.oneof({ weight: 2, arbitrary: fc.constant('anna' as const) }, fc.constantFrom(...TOKEN_KINDS)),
  answer,
  store,
  attribute: fc.constantFrom('anna' as const, 'anna' as const, 'eve' as const, 'none' as const),
  once: fc.constantFrom('works' as const, 'works' as const, 'works' as const, 'fails' as const, 'odd' as const),
  rounds: fc.array(round, { maxLength: 2 }),
  changes: fc.oneof(fc.constant([]), fc.array(jsonChange, { maxLength: 2 })),
});
const input = fc.array(step, { minLength: 1, maxLength: 4 });

const SOURCES = { define: 'Define', create: 'Create', verify: 'Verify' } as const;
const sourceOf = (trigger: Step['trigger']): string =>
  trigger === 'verify'
    ? 'VerifyAuthChallengeResponse_Authentication'
    : `${SOURCES[trigger]}AuthChallenge_Authentication`;

function eventOf(given: Step, texts: Tokens['texts'], newPoolId: string): unknown {
  const legacyId = { anna: { 'custom:legacy_sub': ANNA }, eve: { 'custom:legacy_sub': EVE }, none: {} }[
    given.attribute
  ];
  const userAttributes = { sub: NEW_SUB, 'cognito:user_status': 'CONFIRMED', email: CANARY.email, ...legacyId };
  const request = {
    define: { userAttributes, session: given.rounds, userNotFound: false },
    create: { userAttributes, session: given.rounds, challengeName: 'CUSTOM_CHALLENGE' },
    verify: { userAttributes, privateChallengeParameters: { kind: KIND }, challengeAnswer: texts[given.token] },
  }[given.trigger];
  const event = {
    ...{ version: '1', region: 'eu-west-1', userPoolId: newPoolId, userName: CANARY.email },
    callerContext: { awsSdkVersion: '3', clientId: CLIENT },
    ...{ triggerSource: sourceOf(given.trigger), request },
    response: { answerCorrect: true, issueTokens: true, failAuthentication: false },
  };
  return given.changes.reduce<unknown>((before, one) => changed(before, one), event);
}

interface Seen {
  readonly triggerSource?: unknown;
  readonly userPoolId?: unknown;
  readonly callerContext?: { readonly clientId?: unknown };
  readonly request?: {
    readonly session?: unknown;
    readonly userNotFound?: unknown;
    readonly challengeAnswer?: unknown;
    readonly privateChallengeParameters?: { readonly kind?: unknown };
    readonly userAttributes?: Readonly<Record<string, unknown>>;
  };
}

const isOurs = (event: Seen, given: Step, legacyPoolId: string): boolean =>
  event.triggerSource === sourceOf(given.trigger) &&
  event.userPoolId !== legacyPoolId &&
  event.callerContext?.clientId === CLIENT;

/** Whether tokens may be issued: one round, ours, and right. */
function mayIssue({ request }: Seen): boolean {
  const { session, userNotFound } = request ?? {};
  if (!Array.isArray(session) || session.length !== 1 || userNotFound === true) return false;
  const { challengeName, challengeResult, challengeMetadata } = session[0] ?? {};
  return challengeName === 'CUSTOM_CHALLENGE' && challengeResult === true && challengeMetadata === KIND;
}

/** Whose session may be handed over; `unsure`: perhaps. */
function mayHandOver(
  { request }: Seen,
  given: Step,
  good: Tokens['good'],
  used: ReadonlySet<unknown>,
): 'yes' | 'no' | 'unsure' {
  const { challengeAnswer, privateChallengeParameters, userAttributes, userNotFound } = request ?? {};
  const owner = good.get(challengeAnswer as string);
  if (owner === undefined || used.has(challengeAnswer) || userNotFound === true) return 'no';
  if (privateChallengeParameters?.kind !== KIND || typeof userAttributes?.['sub'] !== 'string') return 'no';
  if (!['CONFIRMED', 'EXTERNAL_PROVIDER'].includes(userAttributes['cognito:user_status'] as string)) return 'no';
  const isOwn = userAttributes['sub'] === NEW_SUB;
  const { is } = given.store;
  // The store knows this one user only.
  const stored = !isOwn || is === 'none' || is === 'null' ? undefined : is === 'anna' ? ANNA : is === 'eve' ? EVE : is;
  const nothing = is === 'odd' && isOwn && (given.store as { value: unknown }).value === null;
  if ((stored === undefined || nothing ? userAttributes['custom:legacy_sub'] : stored) !== owner) return 'no';
  const said = ownerByHand(given.answer, owner);
  if (given.once !== 'works' || (said !== owner && said !== 'unsure')) return 'no';
  return said === 'unsure' ? 'unsure' : 'yes';
}

/** Keys take long to make. */
let pools: ReturnType<typeof judgedPools> | undefined;

type Create = (options: SessionHandoverOptions) => ReturnType<typeof createSessionHandover>;

export const handoverEventsBy = (create: Create): FuzzTarget =>
  fuzzTarget<readonly Step[]>({
    name: 'handover-events',
    boundary: 'events of the session hand-over, and what the legacy pool answers',
    async start() {
      pools ??= judgedPools();
      const [legacy, fresh] = pools;
      const tokens = tokensOf(legacy, fresh);
      const server = await listenAsLegacyPool(tokens);
      const { userPoolId } = legacy.options;
      let now: Step;
      const once = new Set<string>();
      const told: unknown[] = [];
      const triggers = create({
        legacyPool: { ...legacy.options, endpoint: server.endpoint } as never,
        clientIds: [CLIENT],
        once: {
          claim: async (name) => {
            if (now.once === 'fails') throw new Error(CANARY.token);
            if (now.once === 'odd') return 'true' as never;
            return once.size < once.add(name).size;
          },
        },
        store: {
          get: (sub) => {
            const { store } = now;
            if (store.is === 'fails') throw new Error(CANARY.email);
            if (sub !== NEW_SUB || store.is === 'none') return undefined;
            if (store.is === 'odd') return store.value as never;
            return { anna: ANNA, eve: EVE, null: null }[store.is];
          },
        },
        // The ids of pool and client are those of the event, which Cognito alone sets.
        onRefused: ({ userPoolId: _pool, clientId: _client, ...refusal }) => told.push(refusal),
        clock: {
          now: () => NOW,
          monotonic: () => 0,
          // Pauses between attempts take no time; the limit of a trigger never comes.
          sleep: (ms, signal) =>
            new Promise((resolve, reject) => {
              if (ms < 3000) return resolve();
              signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
            }),
        },
      });
      const checkStep = async (given: Step, used: Set<unknown>) => {
        now = given;
        server.say(given.answer);
        const event = eventOf(given, tokens.texts, fresh.options.userPoolId);
        // What is answered may be the event itself, changed.
        const seen = structuredClone(event) as Seen;
        const what = `${given.trigger} of ${JSON.stringify({ ...given, changes: given.changes }).slice(0, 900)}`;
        const { defineAuthChallenge, createAuthChallenge, verifyAuthChallengeResponse, handler } = triggers;
        const own = { define: defineAuthChallenge, create: createAuthChallenge, verify: verifyAuthChallengeResponse };
        const trigger = (given.byOne ? handler : own[given.trigger]) as (event: unknown) => Promise<unknown>;
        let response: Record<string, unknown> | undefined;
        try {
          response = ((await trigger(event)) as { response: Record<string, unknown> }).response;
        } catch (error) {
          if (!(error instanceof TriggerError)) throw new Error(`${what} ended with a crash`, { cause: error });
          assertNoCanary('what a trigger threw', error);
        }
        assertNoCanary('what onRefused was told', told.splice(0));
        // With the one function, an event may become that of another trigger; nothing changes a token into another source.
        const ours = typeof seen === 'object' && seen !== null && isOurs(seen, given, userPoolId);
        const issue = given.trigger === 'define' && ours && mayIssue(seen);
        if (response?.['issueTokens'] === true && given.trigger === 'define' && !issue)
          throw new Error(`${what} issues tokens`);
        if (issue && response?.['issueTokens'] !== true && given.changes.length === 0)
          throw new Error(`${what} issues no tokens`);
        if (given.trigger !== 'verify' || response === undefined) {
          if (given.trigger === 'verify') return assertNoneDue(what, ours, seen, given, used);
          return;
        }
        const verdict = ours ? mayHandOver(seen, given, tokens.good, used) : 'no';
        const right = response['answerCorrect'];
        if (typeof right !== 'boolean') throw new Error(`${what} answers ${right}`);
        if (right && verdict === 'no') throw new Error(`${what} hands over a session`);
        if (!right && verdict === 'yes') throw new Error(`${what} hands over nothing`);
        if (right) used.add(seen.request?.challengeAnswer);
      };
      const assertNoneDue = (what: string, ours: boolean, seen: Seen, given: Step, used: Set<unknown>) => {
        const isDue = ours && mayHandOver(seen, given, tokens.good, used) === 'yes';
        if (isDue && given.changes.length === 0) throw new Error(`${what} was rejected`);
      };
      return {
        input,
        count: (steps) => steps.length,
        check: async (steps) => {
          once.clear();
          const used = new Set<unknown>();
          for (const one of steps) await checkStep(one, used);
        },
        close: () => server.close(),
      };
    },
  });

export const handoverEvents = handoverEventsBy(createSessionHandover);
