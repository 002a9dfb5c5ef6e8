import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../../src/cli/commands/dashboard/live-source.js';
import { drainBody } from '../../../../src/cli/commands/dashboard/panels/drain-panel.js';
import { overview } from '../../../../src/cli/commands/dashboard/panels/overview.js';
import { nextDate, type PhaseView, phaseBody } from '../../../../src/cli/commands/dashboard/panels/phase-panel.js';
import { legacyTokens, trafficBody } from '../../../../src/cli/commands/dashboard/panels/traffic-panel.js';
import { readQuery } from '../../../../src/cli/commands/dashboard/view-query.js';
import { drainReport } from './served.js';

const NOW = Date.UTC(2026, 10, 29, 22, 30);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const textOf = (html: { text: string }) => html.text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
const query = (text = '') => readQuery(new URLSearchParams(text));

const failing = <T>(value?: T): Reading<T> => ({
  ...(value === undefined ? {} : { value, readAt: NOW - DAY_MS }),
  problem: { text: 'connect ECONNREFUSED', since: NOW - HOUR_MS, isAwaited: false, isGone: false },
});

describe('the answer whether the pool can go', () => {
  it('names every reason, and the earliest date', () => {
    const reasons = Array.from({ length: 12 }, (_, at) => `Reason number ${at}.`);
    const text = textOf(drainBody(drainReport(NOW, { reasons, earliest: '2027-01-02T10:00:00.000Z' }), true));
    expect(text).toContain('Not yet: 12 reasons against it.');
    expect(text).toContain('At the earliest on 2027-01-02 10:00 UTC');
    for (const reason of reasons) expect(text).toContain(reason);
  });

  it('is never yes when it is old', () => {
    const safe = drainReport(NOW, { safeToClose: true, reasons: [] });
    expect(textOf(drainBody(safe, true))).toContain('Safe: the legacy pool can be closed.');
    expect(textOf(drainBody(safe, false))).not.toMatch(/Safe:/);
    const card = textOf(overview({ state: {}, drain: failing(safe) }, NOW));
    expect(card).toMatch(/Can it go\? Not yet cannot be read now/);
    expect(textOf(overview({ state: {}, drain: { value: safe, readAt: NOW } }, NOW))).toMatch(/Can it go\? Yes/);
  });

  it('shows first the instances that are silent, and says how many more there are', () => {
    const run = (at: number, state: 'counting' | 'silent') => {
      const iso = new Date(NOW).toISOString();
      return { instance: `api-${at}`, run: 'r', state, startedAt: iso, reportedAt: iso };
    };
    const runs = Array.from({ length: 60 }, (_, at) => run(at, at === 59 ? 'silent' : 'counting'));
    const text = textOf(drainBody(drainReport(NOW, { runs, instances: 60 }), true));
    expect(text).toMatch(/Last report api-59 silent .* api-0 counting/);
    expect(text).toContain('10 more: cognito-cutover drain --json has all of them.');
  });
});

describe('what is not known', () => {
  it.each([
    ['nothing was read yet', {}, /Backfill – reading .*Legacy pool – reading .*Phase – reading/],
    ['nothing can be read', failing<never>(), /Backfill – cannot be read .*traffic cannot be read .*Phase – cannot/],
  ] as const)('%s: is a dash, and no number', (_, reading, expected) => {
    const text = textOf(overview({ state: reading, drain: reading, phase: reading }, NOW));
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/\d/);
  });

  it('is said where nobody counts, or not everything was counted', () => {
    const of = (more: object) =>
      textOf(overview({ state: {}, drain: { value: drainReport(NOW, more), readAt: NOW } }, NOW));
    expect(of({ instances: 0 })).toMatch(/Legacy tokens – nobody has counted yet/);
    expect(of({ since: null })).toMatch(/Legacy tokens 12 in 24 hours, at least/);
    expect(of({})).toMatch(/Legacy tokens 12 in 24 hours Can/);
  });
});

describe('the traffic', () => {
  const hour = (ago: number, tokens: number) => {
    const at = Math.floor(NOW / HOUR_MS) * HOUR_MS - ago * HOUR_MS;
    return { hour: new Date(at).toISOString(), tokens, users: tokens };
  };
  const base = drainReport(NOW);
  const legacy = base.pools['eu-west-1_Legacy'];
  const report = {
    ...base,
    pools: {
      ...base.pools,
      'eu-west-1_Legacy': {
        ...legacy,
        recent: { hour: { tokens: 1, users: 1 }, day: { tokens: 11, users: 2 }, week: { tokens: 111, users: 3 } },
        pool: 'legacy' as const,
        tokens: 1_111,
        users: 5,
        lastToken: null,
        latestExpiry: null,
        hours: [hour(200, 1_000), hour(24, 100), hour(23, 10), hour(0, 1)],
        days: [
          { day: '2026-11-21', tokens: 1_000, users: 1 },
          { day: '2026-11-29', tokens: 11, users: 2 },
        ],
      },
    },
  };

  it.each([
    ['24h', '11 tokens', 'of 2 users '],
    ['7d', '111 tokens', 'of 3 users '],
    ['30d', '1,011 tokens', ''],
  ])('of %s counts what is in it, the present hour included', (range, sum, users) => {
    const { text } = trafficBody(report, query(`range=${range}`), NOW);
    expect(textOf({ text })).toContain(`Legacy pool eu-west-1_Legacy ${sum} ${users}in`);
  });

  it('shows one token beside a million, and its number in a table', () => {
    const { text } = trafficBody(report, query(), NOW);
    const heights = [...text.matchAll(/class="tokens legacy"[^>]* height="([\d.]+)"/g)].map(([, height]) =>
      Number(height),
    );
    expect(heights).toHaveLength(2);
    for (const height of heights) expect(height).toBeGreaterThanOrEqual(1.5);
    expect(textOf({ text })).toMatch(/Hour Tokens Users 2026-11-29 22:00 1 1 2026-11-28 23:00 10 10/);
  });

  it('of the last 24 hours is that of all legacy pools', () => {
    expect(legacyTokens(report, NOW)).toBe(11);
  });

  it('pages the app clients, the legacy ones first', () => {
    const [client] = report.clients;
    const clients = Array.from({ length: 45 }, (_, at) => ({
      ...client,
      ...{
        userPoolId: 'p',
        clientId: `client-${at}`,
        tokens: at,
        users: 1,
        lastToken: null,
        latestExpiry: null,
        hours: [],
      },
      pool: at === 44 ? ('legacy' as const) : ('new' as const),
    }));
    const seen = [1, 2, 3, 4, 5, 9].map((page) => {
      const { text } = trafficBody({ ...report, clients }, query(`clients=${page}`), NOW);
      return [...text.matchAll(/data-label="App client" class="mono">([^<]*)</g)].map(([, id]) => id);
    });
    expect(seen.map(({ length }) => length)).toEqual([10, 10, 10, 10, 5, 5]);
    expect(seen[0]?.[0]).toBe('client-44');
    expect(new Set(seen.flat()).size).toBe(45);
  });
});

describe('the phase', () => {
  const view: PhaseView = {
    ...{ isSet: true, phase: 'announced' },
    plan: { announceFrom: new Date(NOW - DAY_MS), acceptSignInsBefore: null, acceptUntil: new Date(NOW + 2 * DAY_MS) },
  };

  it('shows what is in force, and the dates to come', () => {
    const text = textOf(phaseBody(view, NOW));
    expect(text).toContain('The legacy pool is announced.');
    expect(text).toContain('Announced from 2026-11-28 22:30 UTC, 1 d ago');
    expect(text).toContain('New sign-ins refused from not planned');
    expect(text).toContain('Closed from 2026-12-01 22:30 UTC, in 2 d');
    expect(nextDate(view, NOW)).toBe('closed from 2026-12-01 22:30 UTC');
  });

  it('is not called open where nobody has set dates: they may be elsewhere', () => {
    const unset: PhaseView = { isSet: false, phase: 'open', plan: {} };
    expect(textOf(phaseBody(unset, NOW))).toContain('No dates are set there');
    expect(textOf(overview({ state: {}, phase: { value: unset, readAt: NOW } }, NOW))).toContain('Phase no dates');
  });
});
