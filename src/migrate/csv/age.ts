import { ConfigurationError } from '../../errors.js';
import { checkNumber } from '../../options.js';

const DEFAULT_MAX_HOURS = 24;
const HOUR_MS = 3_600_000;

export interface AgeOptions {
  /** Hours that a plan, or an export of it, may be old without a question; above 0. @defaultValue 24 */
  readonly maxPlanAge?: number;
  /** Asked where it is older; `false` refuses. Default: no. */
  readonly confirmAge?: (what: string) => Promise<boolean>;
}

/** @throws {@link ConfigurationError} */
export function checkMaxPlanAge(maxPlanAge: number | undefined): number {
  return checkNumber('maxPlanAge', maxPlanAge, { min: 0.01, max: 87_600, fallback: DEFAULT_MAX_HOURS });
}

/**
 * Both pools go on while a plan or an export lies there: who came since is not known to it.
 * @throws {@link ConfigurationError} naming `maxPlanAge` where it is too old and nobody says that it may be
 */
export async function requireFresh(
  { what, madeAt, again }: { readonly what: string; readonly madeAt: number; readonly again: string },
  now: number,
  { maxPlanAge, confirmAge }: AgeOptions,
): Promise<void> {
  const most = checkMaxPlanAge(maxPlanAge);
  const hours = (now - madeAt) / HOUR_MS;
  // From another machine's clock, a little later than now is still now.
  if (hours <= most && hours >= -1) return;
  const age = hours < 0 ? 'is dated in the future' : `is ${Math.floor(hours)} hours old, and ${most} are allowed`;
  if ((await confirmAge?.(`${what} ${age}`)) === true) return;
  throw new ConfigurationError('maxPlanAge', `${what} ${age}: ${again}`);
}
