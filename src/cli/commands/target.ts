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

/** The target of a run on a plan. A dry run, which asks nothing, shows it at once. */
export async function targetOfPlan(
  { state, newPool }: { readonly state: State; readonly newPool: IdentifiedDirectory },
  { newRoleArn, dryRun }: { readonly newRoleArn?: string | undefined; readonly dryRun: boolean },
  { screen, signal }: CommandContext,
): Promise<() => Promise<TargetRows>> {
  const attribute = state.meta.get('attribute') ?? '';
  const rows = () => targetRows({ pool: newPool, attribute, roleArn: newRoleArn }, signal);
  if (dryRun) for (const line of formatTable(await rows())) screen.note(line);
  return rows;
}
