import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CutoverError, nameToken } from '../../src/errors.js';
import { Announcer, announcerOf, lendAnnouncer } from '../../src/operate/announcer.js';
import { CHANNELS, type CutoverEvent, type DecisionEvent, SUB } from '../../src/operate/events.js';

const IDENTITY = {
  pool: 'legacy',
  userPoolId: 'eu-west-1_Legacy',
  clientId: 'web',
  tokenUse: 'access',
  kind: 'user',
  userIdSource: 'sub',
  issuedAt: 1_799_996_400,
  expiresAt: 1_800_000_000,
  sub: 'b1f7-the-sub',
  userId: 'b1f7-the-sub',
  username: 'me@example.com',
  claims: { email: 'me@example.com' },
} as const;

const DECISION = {
  ...{ type: 'accepted', outcome: 'accepted', pool: 'legacy', userPoolId: 'eu-west-1_Legacy', clientId: 'web' },
  ...{
    tokenUse: 'access',
    kind: 'user',
    userIdSource: 'sub',
    cached: true,
    durationMs: 2,
    expiresAt: 1_800_000_000,
  },
};

function listen(name: string): CutoverEvent[] {
  const heard: CutoverEvent[] = [];
  const listener = (message: unknown) => heard.push(message as CutoverEvent);
  subscribe(name, listener);
  onTestFinished(() => {
    unsubscribe(name, listener);
  });
  return heard;
}

/** An announcer whose clock shows 5 ms. */
function announcer(onEvent?: (event: CutoverEvent) => unknown) {
  const passed = vi.fn(() => 5);
  return { announcer: new Announcer(onEvent, passed), passed };
}

function refusalOfToken(): CutoverError {
  return nameToken(new CutoverError('ERR_LEGACY_ID_MISSING', 'not mapped', { pool: 'new' }), {
    ...{ userPoolId: 'eu-west-1_New', sub: 'the-new-sub', clientId: 'app', tokenUse: 'id' },
  });
}

describe('an event about an accepted token', () => {
  it('is on the channel and given to onEvent, with every field of the contract', () => {
    const onEvent = vi.fn();
    const heard = listen('cognito-cutover:decision');
    announcer(onEvent).announcer.accepted(IDENTITY, true, 3);
    expect(heard).toEqual([DECISION]);
    expect(onEvent).toHaveBeenCalledExactlyOnceWith(heard[0]);
  });

  it('has the sub under the symbol alone, and nothing else of the person', () => {
    const heard = listen(CHANNELS.decision);
    announcer().announcer.accepted(IDENTITY, false, 5);
    const event = heard[0] as DecisionEvent;
    expect(event[SUB]).toBe('b1f7-the-sub');
    expect(event[Symbol.for('cognito-cutover.sub') as typeof SUB]).toBe('b1f7-the-sub');
    expect(Object.getOwnPropertySymbols(event)).toEqual([SUB]);
    expect(event.issuedAt).toBe(1_799_996_400);
    const copies = [
      inspect(event, { depth: null }),
      JSON.stringify(event),
      inspect({ ...event }, { showHidden: true }),
    ];
    copies.push(inspect(structuredClone(event), { showHidden: true }));
    for (const copy of copies) expect(copy).not.toMatch(/the-sub|example\.com/);
    expect(structuredClone(event)).toEqual({ ...DECISION, cached: false, durationMs: 0 });
  });

  it('never has a negative duration', () => {
    const heard = listen(CHANNELS.decision);
    announcer().announcer.accepted(IDENTITY, false, 9);
    expect(heard).toMatchObject([{ durationMs: 0 }]);
  });
});

describe('an event about a refusal', () => {
  it('names the token once its signature was verified', () => {
    const heard = listen(CHANNELS.decision);
    announcer().announcer.rejected(refusalOfToken(), 1);
    expect(heard).toEqual([
      {
        ...{ type: 'rejected', outcome: 'rejected', code: 'ERR_LEGACY_ID_MISSING', pool: 'new', clientId: 'app' },
        ...{ userPoolId: 'eu-west-1_New', tokenUse: 'id', durationMs: 4 },
      },
    ]);
    expect((heard[0] as DecisionEvent)[SUB]).toBe('the-new-sub');
  });

  it('has no more than the code and the side of the pool before', () => {
    const heard = listen(CHANNELS.decision);
    announcer().announcer.rejected(new CutoverError('ERR_SIGNATURE_INVALID', 'forged', { pool: 'legacy' }), 5);
    announcer().announcer.rejected(new CutoverError('ERR_TOKEN_MALFORMED', 'bad'), 5);
    expect(heard).toEqual([
      { type: 'rejected', outcome: 'rejected', code: 'ERR_SIGNATURE_INVALID', pool: 'legacy', durationMs: 0 },
      { type: 'rejected', outcome: 'rejected', code: 'ERR_TOKEN_MALFORMED', durationMs: 0 },
    ]);
    expect(Reflect.ownKeys(heard[1]!)).toEqual(['type', 'outcome', 'durationMs', 'code']);
    expect((heard[0] as DecisionEvent)[SUB]).toBeUndefined();
  });

  it('is published once, however many entry points the refusal passes', () => {
    const heard = listen(CHANNELS.decision);
    const { announcer: one } = announcer();
    const error = new CutoverError('ERR_TOKEN_EXPIRED', 'expired', { pool: 'legacy' });
    one.rejected(error, 5);
    one.refused(error);
    announcer().announcer.refused(error);
    expect(heard).toHaveLength(1);
    const missing = new CutoverError('ERR_TOKEN_MISSING', 'no token');
    one.refused(missing);
    one.refused(missing);
    expect(heard).toHaveLength(2);
    expect(heard[1]).toEqual({ type: 'rejected', outcome: 'rejected', code: 'ERR_TOKEN_MISSING', durationMs: 0 });
    expect(Object.keys(error)).not.toContain('cognito-cutover.announced');
    expect(inspect(error)).not.toContain('announced');
  });

  it('is not made of other errors, and does not fail at one that is frozen', () => {
    const heard = listen(CHANNELS.decision);
    const { announcer: one } = announcer();
    one.rejected(new TypeError('a fault'), 5);
    one.refused('nothing');
    expect(heard).toEqual([]);
    one.rejected(Object.freeze(new CutoverError('ERR_TOKEN_EXPIRED', 'expired')), 5);
    expect(heard).toHaveLength(1);
  });
});

describe('a decision that nobody enforces', () => {
  it('says so, and one after it does not', () => {
    const heard = listen(CHANNELS.decision);
    const { announcer: one } = announcer();
    const answer = one.observing(() => {
      expect(one.isObserving).toBe(true);
      one.accepted(IDENTITY, true, 3);
      one.rejected(refusalOfToken(), 3);
      return 'answer';
    });
    expect(answer).toBe('answer');
    const fault = () => {
      throw new Error('a fault');
    };
    expect(() => one.observing(fault)).toThrow('a fault');
    one.accepted(IDENTITY, true, 3);
    one.accepted(IDENTITY, true, 3, true);
    one.refused(new CutoverError('ERR_TOKEN_MISSING', 'none'), true);
    one.anonymous(true);
    one.anonymous();
    expect(heard.map((event) => 'mode' in event && event.mode)).toEqual([
      ...['observe', 'observe', false, 'observe', 'observe', 'observe', false],
    ]);
  });
});

describe('events about requests, keys and resolvers', () => {
  it('are published with what is known', () => {
    const decisions = listen(CHANNELS.decision);
    const keys = listen('cognito-cutover:keys');
    const onEvent = vi.fn();
    const { announcer: one } = announcer(onEvent);
    one.anonymous();
    one.mismatch(IDENTITY);
    const error = new Error('unreachable');
    one.keys({ pool: 'new', userPoolId: 'eu-west-1_New', outcome: 'failed', durationMs: 7, error });
    const { cached: _, ...facts } = DECISION;
    const mismatch = { ...facts, type: 'mismatch', outcome: 'mismatch', mode: 'observe', durationMs: 0 };
    expect(decisions).toEqual([{ type: 'anonymous', outcome: 'anonymous', durationMs: 0 }, mismatch]);
    const failed = { type: 'keys', pool: 'new', userPoolId: 'eu-west-1_New', outcome: 'failed', durationMs: 7, error };
    expect(keys).toEqual([failed]);
    expect(onEvent.mock.calls.flat()).toEqual([...decisions, ...keys]);
  });

  it.each([
    ['found', 'id', 'id'],
    ['found', Promise.resolve('id'), 'id'],
    ['missing', undefined, undefined],
    ['missing', Promise.resolve(null), null],
  ])('say that a resolver has %s the id, and pass its answer on', async (outcome, given, answer) => {
    const heard = listen('cognito-cutover:resolver');
    const { announcer: one, passed } = announcer();
    passed.mockReturnValueOnce(2);
    expect(await one.asking('eu-west-1_New', () => given)).toBe(answer);
    expect(heard).toEqual([{ type: 'resolver', userPoolId: 'eu-west-1_New', outcome, durationMs: 3 }]);
  });

  it('say that a resolver failed, and pass its error on', async () => {
    const heard = listen('cognito-cutover:resolver');
    const fault = new Error('down');
    const { announcer: one } = announcer();
    const throwing = () => {
      throw fault;
    };
    expect(() => one.asking('pool', throwing)).toThrow(fault);
    await expect(one.asking('pool', () => Promise.reject(fault))).rejects.toBe(fault);
    expect(heard).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }]);
  });
});

describe('without a listener', () => {
  it('no clock is read, and a resolver is only asked', () => {
    const { announcer: one, passed } = announcer();
    one.accepted(IDENTITY, true, 0);
    one.rejected(refusalOfToken(), 0);
    one.refused(refusalOfToken());
    one.anonymous();
    one.mismatch(IDENTITY);
    expect(one.asking('pool', () => 'id')).toBe('id');
    expect(passed).not.toHaveBeenCalled();
  });
});

describe('a listener that fails', () => {
  const faults: [string, () => unknown][] = [
    ['throws', () => Promise.reject(new Error('full disk'))],
    [
      'rejects',
      () => {
        throw new Error('full disk');
      },
    ],
  ];

  it.each(faults)('and %s reaches neither caller nor process', async (_what, faulty) => {
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    onTestFinished(() => warning.mockRestore());
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
    for (const name of Object.values(CHANNELS)) {
      subscribe(name, faulty);
      onTestFinished(() => {
        unsubscribe(name, faulty);
      });
    }
    const { announcer: one } = announcer(faulty);
    one.accepted(IDENTITY, true, 0);
    one.rejected(refusalOfToken(), 0);
    one.anonymous();
    one.keys({ pool: 'new', userPoolId: 'p', outcome: 'refreshed', durationMs: 0 });
    expect(await one.asking('p', async () => 'id')).toBe('id');
    await new Promise(setImmediate);
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
  });
});

describe('announcerOf', () => {
  it("is a verifier's own, through a proxy too, and otherwise one for the channels", () => {
    const verifier = {};
    const { announcer: own } = announcer();
    lendAnnouncer(verifier, own);
    expect(announcerOf(verifier)).toBe(own);
    expect(announcerOf(new Proxy(verifier, {}))).toBe(own);
    expect(Reflect.ownKeys({ ...verifier })).toEqual([]);
    const heard = listen(CHANNELS.decision);
    announcerOf({ verify: () => {} }).anonymous();
    expect(heard).toHaveLength(1);
  });

  it('has those of the other build observe too, where a verifier of the application stands between', async () => {
    // Loaded a second time, as the other build is.
    const other: typeof import('../../src/operate/announcer.js') = await import(
      // @ts-expect-error not the address of a file
      '../../src/operate/announcer.js?other'
    );
    expect(other.Announcer).not.toBe(Announcer);
    const heard = listen(CHANNELS.decision);
    const inner = new other.Announcer(undefined, () => 0);
    const wrapper = announcerOf({ verify: () => {} });
    wrapper.observing(() => inner.rejected(refusalOfToken(), 0));
    inner.rejected(refusalOfToken(), 0);
    expect((heard as DecisionEvent[]).map(({ mode }) => mode)).toEqual(['observe', undefined]);
  });
});
