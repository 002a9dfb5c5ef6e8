import type { State } from './state.js';
import type { ReportOptions, ReportRow, StatusResult } from './types.js';

/** How far this state is. Works beside a running command, on a state opened with `access: 'read'`. */
export function readStatus(_state: State): StatusResult {
  throw new Error('not there yet');
}

/** The users of the finished plan, in the order of their usernames, read as they are asked for. */
export function readReportRows(_state: State, _options: ReportOptions = {}): Iterable<ReportRow> {
  throw new Error('not there yet');
}
