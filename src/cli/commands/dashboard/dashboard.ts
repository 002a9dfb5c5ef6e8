import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Clock } from '../../../clock.js';
import type { CommonSettings } from '../../options/common.js';
import { nextPlan } from '../../options/next-plan.js';
import { LiveEvents } from './live-events.js';
import { dashboardPage, type SourceNames } from './page.js';
import type { PeopleView } from './panels/people-panel.js';
import { readPeople } from './people.js';
import { routes } from './routes.js';
import { explain, Sources, type StoreReaders } from './sources.js';
import { type StateView, withOpenState } from './state-view.js';
import type { ViewQuery } from './view-query.js';

/** Longer than a UUID: nobody guesses it. */
const SECRET_BYTES = 18;

export interface DashboardOptions {
  readonly settings: CommonSettings;
  readonly stores: StoreReaders;
  readonly names: SourceNames;
  /** `again('apply')`: that command for this state, ready to be pasted into a shell. */
  readonly again: (command: string) => string;
  readonly clock: Clock;
}

export interface Dashboard {
  /** The path of the page. Whoever knows it can read the page. */
  readonly path: string;
  readonly listener: RequestListener;
  /** Reads everything once, so that the first page is complete. */
  prepare(): Promise<void>;
  /** Ends the live connections. */
  close(): void;
}

/** The dashboard without its port. It reads nothing while nobody looks. */
export function createDashboard({ settings, stores, names, again, clock }: DashboardOptions): Dashboard {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const sources = new Sources(settings, stores, clock, () => events.tell());
  const events = new LiveEvents({
    clock,
    beat: () => ({ version: sources.version, readAt: sources.readAt }),
    work: (signal) => sources.follow(signal),
  });
  const page = async (query: ViewQuery): Promise<string> => {
    await sources.refresh();
    const { readings, version } = sources;
    const status = readings.state.value?.status;
    const planAgain = (mapping?: string) => again(status === undefined ? 'plan' : nextPlan(status, settings, mapping));
    const people = await peopleOf(settings, readings.state.value, query);
    const commands = { again, planAgain };
    return dashboardPage({ names, readings, query, people, commands, version, now: clock.now() });
  };
  const listener = routes({ secret, events, page, withState: (work) => withOpenState(settings, work) });
  return { path: `/${secret}/`, listener, prepare: () => sources.refresh(), close: () => events.close() };
}

/** A page of users, or why it cannot be read: the rest of the page does not depend on it. */
async function peopleOf(
  settings: CommonSettings,
  view: StateView | undefined,
  query: ViewQuery,
): Promise<PeopleView | undefined> {
  const { status, counts } = view ?? {};
  if (status?.plan === undefined || counts === undefined) return undefined;
  const { plan } = status;
  try {
    return { plan, counts, page: await readPeople(settings, query) };
  } catch (error) {
    return { plan, counts, page: { unreadable: explain(error).text } };
  }
}
