import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../../src/clock.js';
import type { DrainInstance, DrainRecord } from '../../../../src/operate/drain/drain-types.js';
import { type DrainReportInput, drainReport } from '../../../../src/operate/drain/report/drain-report.js';
import { LEGACY_POOL, NEW_POOL, recordOf, runOf } from '../support.js';

const NOW = Date.UTC(2026, 2, 1, 12);
const ago = (days: number) => NOW - days * DAY_MS;
const DAY_SECONDS = 86_400;

/** The last legacy token was accepted and has expired so many days ago. */
const lastSeen = (days: number, more: Partial<DrainRecord> = {}): DrainRecord =>
  recordOf({
    day: new Date(ago(days)).toISOString().slice(0, 10),
    tokens: 9,
    clients: [
      { clientId: 'web', tokens: 9, users: '', hours: [], lastToken: ago(days) - HOUR_MS, latestExpiry: ago(days) },
    ],
    ...more,
  });

const two = (more: Partial<DrainInstance> = {}): DrainInstance[] => [
  runOf({ startedAt: ago(60), reportedAt: NOW }),
  runOf({ instance: 'api-2', run: 'r2', startedAt: ago(60), reportedAt: NOW, ...more }),
];

/** Two instances have counted for 60 days, legacy tokens live for an hour, refresh tokens for 30 days: safe since the last one 31 days ago. */
const report = (more: Partial<DrainReportInput> = {}) =>
  drainReport({
    instances: two(),
    records: [lastSeen(31)],
    since: ago(60),
    now: NOW,
    refreshTokenSeconds: 30 * DAY_SECONDS,
    tokenSeconds: 3600,
    ...more,
  });

describe('drainReport', () => {
  it('says that it is safe when nothing came, and all was counted, for as long as refresh tokens live', () => {
    expect(report()).toMatchObject({
      safeToClose: true,
      reasons: [],
      instances: 2,
      since: new Date(ago(60)).toISOString(),
      earliest: new Date(ago(1)).toISOString(),
    });
  });

  it('is not safe a millisecond too early, and says from when on it could be', () => {
    const at = ago(31) + 30 * DAY_MS;
    expect(report({ now: at - 1, instances: two().map((run) => ({ ...run, reportedAt: at - 1 })) })).toMatchObject({
      safeToClose: false,
      earliest: new Date(at).toISOString(),
    });
    expect(report({ now: at, instances: two().map((run) => ({ ...run, reportedAt: at })) }).safeToClose).toBe(true);
  });

  it.each<[string, Partial<DrainReportInput>, RegExp]>([
    ['no instance', { instances: [], records: [] }, /No instance has ever reported/],
    ['an instance that stopped reporting', { instances: two({ reportedAt: ago(0.01) }) }, /api-2 stopped reporting/],
    [
      'nobody who counts',
      { instances: two({}).map((run) => ({ ...run, endedAt: NOW })) },
      /No instance is counting now/,
    ],
    ['too few instances', { expectInstances: 3 }, /2 instances of the 3 expected are counting/],
    [
      'instances that never counted together',
      {
        expectInstances: 2,
        instances: [
          runOf({ startedAt: ago(60), reportedAt: NOW }),
          runOf({ instance: 'api-2', run: 'r2', startedAt: NOW + 1, reportedAt: NOW }),
        ],
      },
      /Never have 2 instances counted at the same time/,
    ],
    ['two processes with one name', { instances: two({ instance: 'api-1' }) }, /Several processes count as api-1/],
    [
      'a clock that is ahead',
      { instances: two({ reportedAt: NOW + HOUR_MS }) },
      /The clock of api-2 is more than 1 min ahead/,
    ],
    ['AWS Lambda', { instances: two({ lambda: true }) }, /api-2 runs in AWS Lambda/],
    ['a store that cannot be read', { troubles: ['Redis cannot be read (ECONNREFUSED).'] }, /ECONNREFUSED/],
    [
      'a record that cannot be parsed',
      { records: [lastSeen(31), 'x' as never] },
      /1 entry of the store cannot be read/,
    ],
    [
      'an instance that cannot be parsed',
      { instances: [...two(), {} as never] },
      /1 entry of the store cannot be read/,
    ],
    ['an unknown life of refresh tokens', { refreshTokenSeconds: undefined }, /how long refresh tokens .* live/],
    ['nothing counted at all', { records: [] }, /No token of any pool was ever counted/],
    [
      'no legacy pool',
      { records: [lastSeen(31, { userPoolId: NEW_POOL, pool: 'new' })] },
      /not known which pool is meant/,
    ],
    [
      'another legacy pool than the named one',
      { legacyPools: ['eu-west-1_Typo00000'] },
      /No token of eu-west-1_Typo00000 was ever counted/,
    ],
    [
      'a named pool that is the new one',
      { records: [lastSeen(31), lastSeen(31, { userPoolId: NEW_POOL, pool: 'new' })], legacyPools: [NEW_POOL] },
      /is the new pool for services/,
    ],
    [
      'a pool on both sides',
      { records: [lastSeen(31), lastSeen(31, { pool: 'new', instance: 'api-2' })] },
      /legacy pool for one service and the new one for another/,
    ],
    [
      'a retention that is too short',
      { readFrom: ago(29) },
      /keeps what was counted since .*30 d. Set its retentionDays higher/,
    ],
    [
      'an instance whose store keeps too little',
      { instances: two({ retentionDays: 29 }) },
      /Set its retentionDays higher/,
    ],
  ])('never says so with %s', (_, more, reason) => {
    const { safeToClose, reasons, earliest } = report(more);
    expect(safeToClose).toBe(false);
    expect(reasons.join('\n')).toMatch(reason);
    expect(earliest).toBeNull();
  });

  it.each<[string, Partial<DrainReportInput>, RegExp, number, number?]>([
    ['a legacy token a day ago', { records: [lastSeen(1)] }, /still in use.*web \(9 tokens of 0 users/, 1],
    [
      'a token that an instance saw, whose record is gone',
      {
        instances: two({
          legacy: [{ userPoolId: LEGACY_POOL, lastToken: ago(3), latestExpiry: ago(2), longestLifetime: 1 }],
        }),
      },
      /still in use/,
      2,
    ],
    [
      'such a token whose end is not known',
      {
        instances: two({
          legacy: [{ userPoolId: LEGACY_POOL, lastToken: ago(3), latestExpiry: 0, longestLifetime: 1 }],
        }),
      },
      /still in use/,
      3,
    ],
    [
      'an instance that was first seen ten days ago',
      { instances: two({ startedAt: ago(10) }) },
      /api-2 was seen for the first time/,
      10,
      HOUR_MS,
    ],
    ['a store that began five days ago', { since: ago(5) }, /holds nothing from before/, 5, HOUR_MS],
    [
      'an instance that was killed, and started again four days ago',
      {
        instances: [
          ...two({ reportedAt: ago(5) }),
          runOf({ instance: 'api-2', run: 'r3', startedAt: ago(4), reportedAt: NOW }),
        ],
      },
      /api-2 ended without writing what it had counted after/,
      4,
      HOUR_MS,
    ],
    [
      'an instance that is said to be gone since three days',
      { instances: two({ reportedAt: ago(4), goneAt: ago(3) }) },
      /api-2 ended without writing/,
      3,
      HOUR_MS,
    ],
    [
      'a time in which nobody counted',
      {
        instances: [
          runOf({ startedAt: ago(60), reportedAt: ago(9), endedAt: ago(9) }),
          runOf({ run: 'r2', startedAt: ago(8), reportedAt: NOW }),
        ],
      },
      /No instance counted from/,
      8,
      HOUR_MS,
    ],
  ])(
    'waits for a whole window after %s, and for the token that may have come unseen',
    (_, more, reason, days, ms = 0) => {
      const { safeToClose, reasons, earliest } = report(more);
      expect(safeToClose).toBe(false);
      expect(reasons.join('\n')).toMatch(reason);
      expect(reasons.at(-1)).toMatch(/it is safe from /);
      expect(earliest).toBe(new Date(ago(days) + 30 * DAY_MS + ms).toISOString());
    },
  );

  it('waits after a time in which fewer counted than are expected: the others may have served without counting', () => {
    const dip = (pauseMs: number) => [
      runOf({ startedAt: ago(60), reportedAt: NOW }),
      runOf({ instance: 'api-2', run: 'r2', startedAt: ago(60), reportedAt: ago(9), endedAt: ago(9) }),
      runOf({ instance: 'api-2b', run: 'r3', startedAt: ago(9) + pauseMs, reportedAt: NOW }),
    ];
    expect(report({ instances: dip(180_000), expectInstances: 2 }).safeToClose).toBe(true);
    const { reasons, safeToClose } = report({ instances: dip(DAY_MS), expectInstances: 2 });
    expect(reasons[0]).toMatch(/^Fewer instances than expected counted from 2026-02-20 12:00:00 UTC to 2026-02-21/);
    expect(safeToClose).toBe(false);
    expect(report({ instances: dip(DAY_MS), expectInstances: 1 }).safeToClose).toBe(true);
  });

  it('waits after an instance was away for longer than a restart takes, if it is not known how many there are', () => {
    const back = (pauseMs: number) => [
      ...two({ reportedAt: ago(9), endedAt: ago(9) }),
      runOf({ instance: 'api-2', run: 'r3', startedAt: ago(9) + pauseMs, reportedAt: NOW }),
    ];
    expect(report({ instances: back(180_000) }).safeToClose).toBe(true);
    expect(report({ instances: back(180_001) }).reasons[0]).toMatch(/api-2 was seen for the first time, or again/);
    expect(report({ instances: back(DAY_MS), expectInstances: 1 }).safeToClose).toBe(true);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 'x' as never])(
    'never takes %s for the beginning of a store',
    (since) => {
      const { reasons, safeToClose } = report({ since });
      expect(reasons.join()).toMatch(/1 entry of the store cannot be read/);
      expect(safeToClose).toBe(false);
    },
  );

  it('knows the number of instances apart from those that were added', () => {
    const added = [...two(), runOf({ instance: 'api-3', run: 'r3', startedAt: ago(1), reportedAt: NOW })];
    expect(report({ instances: added }).safeToClose).toBe(false);
    expect(report({ instances: added, expectInstances: 2 }).safeToClose).toBe(true);
  });

  it('does not mind an instance that ended as it should', () => {
    expect(report({ instances: two({ reportedAt: ago(20), endedAt: ago(20) }) }).safeToClose).toBe(true);
  });

  it('does not mind tokens of the new pool', () => {
    const records = [lastSeen(31), lastSeen(0, { userPoolId: NEW_POOL, pool: 'new' })];
    expect(report({ records }).safeToClose).toBe(true);
    expect(report({ records, legacyPools: [LEGACY_POOL] }).safeToClose).toBe(true);
  });

  it('waits after a token that could not be judged, as after one that came in unseen', () => {
    const soon = report({ instances: two({ unjudgedAt: ago(29) }) });
    expect(soon).toMatchObject({
      safeToClose: false,
      earliest: new Date(ago(29) + 30 * DAY_MS + HOUR_MS).toISOString(),
    });
    expect(soon.reasons[0]).toMatch(/^A legacy token that came on .* could not be judged/);
    expect(report({ instances: two({ unjudgedAt: ago(31) }) }).safeToClose).toBe(true);
  });

  it('takes the word of an operator who names a pool from which nothing ever came', () => {
    const records = [lastSeen(31, { userPoolId: NEW_POOL, pool: 'new' })];
    expect(report({ records, legacyPools: [LEGACY_POOL] }).safeToClose).toBe(true);
  });

  it('waits as long as tokens live where there are no refresh tokens: as given, as seen, or a day', () => {
    const seen = (longestLifetime: number) => ({
      refreshTokenSeconds: 0,
      tokenSeconds: undefined,
      records: [lastSeen(0.5)],
      instances: two({
        legacy: [{ userPoolId: LEGACY_POOL, lastToken: ago(0.5), latestExpiry: ago(0.5), longestLifetime }],
      }),
    });
    expect(report(seen(10 * HOUR_MS)).safeToClose).toBe(true);
    expect(report(seen(13 * HOUR_MS)).safeToClose).toBe(false);
    expect(report({ ...seen(13 * HOUR_MS), tokenSeconds: 3600 }).safeToClose).toBe(true);
    const unseen = { refreshTokenSeconds: 0, tokenSeconds: undefined };
    expect(report({ ...unseen, since: ago(0.9) }).safeToClose).toBe(false);
    expect(report({ ...unseen, since: ago(1.1) }).safeToClose).toBe(true);
  });

  it('does not know since when all was counted while an instance is missing', () => {
    expect(report({ instances: two({ reportedAt: ago(1) }) }).since).toBeNull();
    expect(report({ refreshTokenSeconds: undefined }).since).toBe(new Date(ago(60)).toISOString());
  });

  it('refuses a question that makes no sense', () => {
    expect(() => report({ refreshTokenSeconds: -1 })).toThrow(/refreshTokenSeconds/);
  });
});

describe('what the caller adds', () => {
  const nothing = { now: NOW, instances: [], records: [], refreshTokenSeconds: 0 };

  it('that no store can be read is all there is to say: that nobody reported would be a guess', () => {
    const { reasons, safeToClose } = drainReport({ ...nothing, unread: true, troubles: ['It is down.'] });
    expect(reasons).toEqual(['It is down.']);
    expect(safeToClose).toBe(false);
  });

  it('is never safe without a store that was read, not even where no reason is given for it', () => {
    const { reasons, safeToClose } = drainReport({ ...nothing, unread: true });
    expect(reasons).toEqual([expect.stringMatching(/^No instance has ever reported/)]);
    expect(safeToClose).toBe(false);
  });

  it('is held against closing for as long as tokens live', () => {
    const blockers = [{ at: ago(10), reason: 'AWS counted a sign-in.' }];
    const { reasons, safeToClose, earliest } = report({ blockers });
    expect(reasons[0]).toBe('AWS counted a sign-in.');
    expect(safeToClose).toBe(false);
    expect(earliest).toBe(new Date(ago(10) + 30 * DAY_MS + HOUR_MS).toISOString());
    expect(report({ blockers, refreshTokenSeconds: 9 * DAY_SECONDS }).safeToClose).toBe(true);
  });
});
