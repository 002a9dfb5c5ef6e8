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
export function readStateView(settings: CommonSettings): Promise<StateView> {
  return reading(settings, async (state) => {
    const { readStatus } = await import('../../../migrate/report.js');
    const { countReport } = await import('../../../migrate/control/report-counts.js');
    state.freeze();
    const status = readStatus(state);
    return status.plan === undefined ? { status } : { status, counts: countReport(state, status) };
  });
}

/**
 * Opened each time: the file may be replaced, and a reader that stays would keep a command from tidying up. Works beside every running
 * command, and never writes.
 * @throws MigrationError, and ConfigurationError where the state is of other pools than the options name
 */
export async function reading<T>(settings: CommonSettings, work: (state: State) => Promise<T>): Promise<T> {
  const { openState } = await import('../../../migrate/state/state.js');
  const state = openState({ path: settings.state, access: 'read', command: 'dashboard' });
  try {
    const { pools } = state;
    if (pools !== undefined) {
      refuseOthers(settings, { legacyPools: pools.legacy, newPool: pools.new }, state.path);
    }
    return await work(state);
  } finally {
    state.close();
  }
}
