import { HOUR_MS } from '../../clock.js';
import { ConfigurationError } from '../../errors.js';
import { checkMaxPlanAge, SKEW_MS } from '../state/finished-plan.js';

export interface AgeOptions {
  /** The greatest age, in hours, of a plan or an export that needs no confirmation. @defaultValue 24 */
  readonly maxPlanAge?: number;
  /** Called if it is older; `false` refuses. Default: refused. */
  readonly confirmAge?: (what: string) => Promise<boolean>;
}

/**
 * A plan or an export does not include users who signed up after it was made.
 * @throws {@link ConfigurationError} naming `maxPlanAge` if it is too old and its age is not confirmed
 */
export async function requireFresh(
  { what, madeAt, again }: { readonly what: string; readonly madeAt: number; readonly again: string },
  now: number,
  { maxPlanAge, confirmAge }: AgeOptions,
): Promise<void> {
  const most = checkMaxPlanAge(maxPlanAge);
  const hours = (now - madeAt) / HOUR_MS;
  if (hours <= most && hours >= -SKEW_MS / HOUR_MS) return;
  const age = hours < 0 ? 'is dated in the future' : `is ${Math.floor(hours)} hours old, and ${most} are allowed`;
  if ((await confirmAge?.(`${what} ${age}`)) === true) return;
  throw new ConfigurationError('maxPlanAge', `${what} ${age}: ${again}`);
}
