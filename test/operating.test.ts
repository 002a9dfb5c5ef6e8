import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { activityBlockers, type PoolActivity, unknownActivity } from '../src/operate/drain/report/aws-activity.js';
import { REASONS } from '../src/operate/drain/report/drain-reasons.js';
import { type PoolSessions, sessionReasons } from '../src/operate/drain/report/live-sessions.js';

const page = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8');

describe('the page for people on call', () => {
  const folder = new URL('../examples/observability/', import.meta.url);
  const rules = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  const alerts = rules.flatMap((name) =>
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/^\s*- alert: (\w+)$/gm)].map(([, alert = '']) => alert),
  );
  const sections = [...page.matchAll(/^### (Cutover\w+)$/gm)].map(([, name = '']) => name);

  it('has a section for each alert, and none for others', () => {
    expect(alerts.length).toBeGreaterThan(5);
    expect(sections.toSorted()).toEqual([...new Set(alerts)].sort());
  });

  it('names the critical ones as such', () => {
    const critical = rules.flatMap((name) =>
      readFileSync(new URL(name, folder), 'utf8')
        .split(/^\s*- alert: /m)
        .slice(1)
        .filter((rule) => /^\s*severity: critical$/m.test(rule))
        .map((rule) => rule.split('\n', 1)[0]),
    );
    const marked = [...page.matchAll(/^### (\w+)\n\n\*Critical\.\*/gm)].map(([, name]) => name);
    expect(marked.toSorted()).toEqual(critical.toSorted());
  });
});

describe('the reasons of drain', () => {
  const [table = ''] = page.split('### What each reason means')[1]?.split(/^###? /m) ?? [];
  const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, cell = '']) => cell).slice(1);
  const patterns = rows.map((cell) => ({
    cell,
    pattern: new RegExp(
      cell
        .split('…')
        .map((part) => part.replaceAll(/[()+.*?]/g, '\\$&'))
        .join('.*'),
    ),
  }));

  const noon = Date.UTC(2026, 0, 15, 12);
  const gap = { from: noon, until: noon, instance: 'api-1' };
  /** Each in every form. */
  const reasons: Readonly<Record<keyof typeof REASONS, readonly string[]>> = {
    noInstances: [REASONS.noInstances],
    nobodyCounts: [REASONS.nobodyCounts],
    nothingCounted: [REASONS.nothingCounted],
    noLegacyPool: [REASONS.noLegacyPool],
    refreshUnknown: [REASONS.refreshUnknown],
    // Of monitor.report() in a process, never of the command.
    noStore: [],
    notWritten: [],
    unreadable: [REASONS.unreadable('redis://cache:6379/', 'ECONNREFUSED')],
    damaged: [REASONS.damaged(2)],
    silent: [REASONS.silent(['api-1'])],
    doubled: [REASONS.doubled(['api-1'])],
    clockAhead: [REASONS.clockAhead(['api-1'])],
    lambda: [REASONS.lambda(['api-1'])],
    tooFew: [REASONS.tooFew(1, 2), REASONS.tooFew(2, 3)],
    neverEnough: [REASONS.neverEnough(2)],
    notLegacy: [REASONS.notLegacy(['eu-west-1_New'])],
    twoSides: [REASONS.twoSides(['eu-west-1_New'])],
    otherPools: [REASONS.otherPools(['eu-west-1_Old'], ['eu-west-1_Other'])],
    stillUsed: [REASONS.stillUsed(noon, noon, [])],
    unjudged: [REASONS.unjudged(noon)],
    gap: (['nobody', 'few', 'lost'] as const).map((kind) => REASONS.gap({ kind, ...gap })),
    started: [REASONS.started(noon, 'api-1', undefined), REASONS.started(noon, 'api-1', 2)],
    storeBegan: [REASONS.storeBegan(noon)],
    retention: [REASONS.retention(noon, 1000)],
    wait: [REASONS.wait(noon, noon, 1000)],
  };
  const activity: PoolActivity = {
    ...{ userPoolId: 'eu-west-1_Old', since: '2026-01-15T12:00:00.000Z', known: true },
    clients: [
      { clientId: 'web', signIns: 1, tokenRefreshes: 0, lastHour: '2026-01-15T12:00:00.000Z' },
      { clientId: 'web', signIns: 0, tokenRefreshes: 1, lastHour: '2026-01-15T12:00:00.000Z' },
    ],
  };
  const sessions: PoolSessions = {
    ...{ userPoolId: 'eu-west-1_Old', tracked: true, users: 1, usersWithSessions: 1, complete: true, clients: [] },
  };
  const all = [
    ...Object.values(reasons).flat(),
    ...unknownActivity({ ...activity, known: false }),
    ...activityBlockers(activity).map(({ reason }) => reason),
    ...sessionReasons(sessions),
    ...sessionReasons({ ...sessions, complete: false, usersWithSessions: 200 }),
    ...sessionReasons({ ...sessions, tracked: false }),
    'Nobody was asked about the live sessions of eu-west-1_Old.',
    'AWS was not asked, because no legacy pool is known.',
    'The app clients of eu-west-1_Old cannot be read: AccessDenied.',
    'What CloudWatch counted of eu-west-1_Old cannot be read: AccessDenied.',
  ];

  it.each(all)('explains: %s', (reason) => {
    expect(patterns.filter(({ pattern }) => pattern.test(reason)).map(({ cell }) => cell)).not.toEqual([]);
  });

  it('explains no others', () => {
    expect(patterns.filter(({ pattern }) => !all.some((reason) => pattern.test(reason)))).toEqual([]);
  });
});
