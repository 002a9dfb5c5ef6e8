import type { ReportCounts } from '../../../migrate/control/report-counts.js';
import type { StatusResult } from '../../../migrate/results.js';
import type { State } from '../../../migrate/state/state.js';
import type { CommonSettings } from '../../options/common.js';
import { refuseOthers } from '../../pools.js';

/** What the page shows of a state file. */
export interface StateView {
  readonly status: StatusResult;
  /** Only of a finished plan. */
  readonly counts?: ReportCounts;
}

/** What the state says now, all of it as at one moment. */
export async function readStateView(settings: CommonSettings): Promise<StateView> {
  const { readStatus } = await import('../../../migrate/report.js');
  const { countReport } = await import('../../../migrate/control/report-counts.js');
  return lookAt(settings, (state) => {
    const status = readStatus(state);
    return status.plan === undefined ? { status } : { status, counts: countReport(state, status) };
  });
}

/**
 * Reads the state file beside whatever uses it. It is opened each time: it may be replaced.
 * @throws MigrationError; ConfigurationError where the state is of other pools than the options name
 */
export async function lookAt<T>(settings: CommonSettings, work: (state: State) => T): Promise<T> {
  const { look } = await import('../../../migrate/browse/look.js');
  return look(settings.state, (state) => {
    refuseOtherPools(settings, state);
    return work(state);
  });
}

/** The state file for as long as `work` needs it, which must not keep a snapshot of it: that would keep commands from tidying up. */
export async function withOpenState<T>(settings: CommonSettings, work: (state: State) => Promise<T>): Promise<T> {
  const { openState } = await import('../../../migrate/state/state.js');
  const state = openState({ path: settings.state, access: 'read' });
  try {
    refuseOtherPools(settings, state);
    return await work(state);
  } finally {
    state.close();
  }
}

function refuseOtherPools(settings: CommonSettings, { pools, meta, path }: State): void {
  if (pools === undefined) return;
  const attribute = meta.get('attribute') ?? meta.get('draft')?.attribute;
  const made = { legacyPools: pools.legacy, newPool: pools.new, ...(attribute === undefined ? {} : { attribute }) };
  refuseOthers(settings, made, path);
}
