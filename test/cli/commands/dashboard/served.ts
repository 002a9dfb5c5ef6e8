import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDashboard } from '../../../../src/cli/commands/dashboard/dashboard.js';
import { listenOnLoopback } from '../../../../src/cli/commands/dashboard/loopback.js';
import type { StoreReaders } from '../../../../src/cli/commands/dashboard/sources.js';
import type { CommonSettings } from '../../../../src/cli/options/common.js';
import { type Clock, systemClock } from '../../../../src/clock.js';
import type { DrainReport } from '../../../../src/operate/drain/drain-types.js';
import { folder } from '../../../support/folder.js';

export interface Served {
  /** Of the page, with its secret. */
  readonly address: string;
  readonly port: number;
  readonly get: (path?: string, init?: RequestInit) => Promise<Response>;
  /** The page's text. */
  readonly page: (query?: string) => Promise<string>;
}

export interface ServedOptions {
  /** Default: a file that does not exist. */
  readonly state?: string;
  readonly settings?: Partial<CommonSettings>;
  readonly stores?: StoreReaders;
  /** Default: one that has the patience to read everything. */
  readonly clock?: Clock;
}

/** Never shows a page before everything was read, however slow the machine is; and tells open pages nothing by itself. */
const PATIENT: Clock = { ...systemClock, sleep: () => new Promise(() => {}) };

/** A dashboard on a free port, until the test ends. */
export async function serveDashboard(options: ServedOptions = {}): Promise<Served> {
  const { state = join(folder(), 'cutover.db'), settings = {}, stores = {}, clock = PATIENT } = options;
  const names = { state: 'cutover.db', drain: 'redis://cache.example.com:6379', phase: 'phases.json' };
  const dashboard = createDashboard({
    ...{ stores, names, clock },
    settings: { ...settings, state } as CommonSettings,
    again: (command) => `cognito-cutover ${command}`,
  });
  const server = await listenOnLoopback(0, dashboard.listener);
  onTestFinished(() => {
    dashboard.close();
    server.close();
  });
  const address = `http://127.0.0.1:${server.port}${dashboard.path}`;
  const get: Served['get'] = (path = '', init = {}) => fetch(`${address}${path}`, init);
  return { address, port: server.port, get, page: async (query = '') => (await get(query)).text() };
}

const HOUR_MS = 3_600_000;

/** What a fleet may have counted: two pools, each with an hour of traffic, and one reason not to close. */
export function drainReport(now: number, more: Partial<DrainReport> = {}): DrainReport {
  const hour = new Date(Math.floor(now / HOUR_MS) * HOUR_MS).toISOString();
  const iso = (at: number) => new Date(at).toISOString();
  const pool = (side: 'legacy' | 'new', tokens: number) => ({
    ...{ pool: side, tokens, users: 3, lastToken: iso(now), latestExpiry: iso(now + HOUR_MS) },
    hours: [{ hour, tokens, users: 3 }],
    days: [{ day: hour.slice(0, 10), tokens, users: 3 }],
    recent: { hour: { tokens, users: 3 }, day: { tokens, users: 3 }, week: { tokens, users: 3 } },
  });
  return {
    safeToClose: false,
    reasons: ['Legacy tokens were accepted a minute ago.'],
    pools: { 'eu-west-1_Legacy': pool('legacy', 12), 'eu-west-1_New': pool('new', 3456) },
    clients: [
      {
        ...{ userPoolId: 'eu-west-1_Legacy', pool: 'legacy', clientId: 'legacyweb', tokens: 12, users: 3 },
        ...{ lastToken: iso(now), latestExpiry: iso(now + HOUR_MS), hours: [{ hour, tokens: 12 }] },
      },
    ],
    instances: 2,
    since: iso(now - 48 * HOUR_MS),
    earliest: null,
    runs: [],
    ...more,
  };
}
