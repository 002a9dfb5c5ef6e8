import type { IdentifiedDirectory } from '../../directory/command-line/user-directory.js';
import type { State } from '../../migrate/state/state.js';
import type { CommandContext } from '../define-command.js';
import { formatTable, visible } from '../terminal/format.js';

/** What is about to be written to, and with whose permissions: shown wherever a person decides about it. */
export type TargetRows = readonly (readonly [string, string])[];

export interface Target {
  readonly pool: Pick<IdentifiedDirectory, 'userPoolId' | 'caller'>;
  readonly attribute: string;
  /** The role that was asked for, which is shown if it cannot be found out whose credentials these are. */
  readonly roleArn: string | undefined;
}

/** Takes seconds at most. What cannot be found out, as at an emulator, is said to be unknown. */
export async function targetRows({ pool, attribute, roleArn }: Target, signal: AbortSignal): Promise<TargetRows> {
  const { account, arn } = await pool.caller(signal);
  return [
    ['pool', pool.userPoolId],
    ['account', account ?? 'unknown'],
    ['role', visible(arn ?? roleArn ?? 'unknown')],
    ['attribute', attribute],
  ];
}

interface Plan {
  readonly state: State;
  readonly newPool: IdentifiedDirectory;
}

/** The target of a run on a plan. */
export function targetOfPlan(
  { state, newPool }: Plan,
  roleArn: string | undefined,
  signal: AbortSignal,
): Promise<TargetRows> {
  return targetRows({ pool: newPool, attribute: state.meta.get('attribute') ?? '', roleArn }, signal);
}

/** A dry run asks nothing, so it shows its target at its end: a pool that does not answer has been reported by then. */
export async function showTarget(target: Promise<TargetRows>, { screen }: CommandContext): Promise<void> {
  for (const line of formatTable(await target)) screen.note(line);
}
