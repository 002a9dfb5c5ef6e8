import type { CutoverError } from '../../errors.js';
import type { PhaseStatus } from './phase-source.js';

/** Where phases keep their {@link LegacyWindow}. Both builds of this package share it. */
export const LEGACY_WINDOW = Symbol.for('cognito-cutover.legacy-window');

/** Until when tokens of the legacy pools are accepted, as the verifier asks for it at every use of a legacy token. */
export interface LegacyWindow {
  /**
   * Whether the dates below may be used now. Starts a poll where one is due. `false`: call {@link settle} first, which
   * callers that cannot wait hear only where nothing is known.
   */
  usable(canWait: boolean): boolean;
  /** Resolves once there is no more to wait for. The dates may be unknown all the same. */
  settle(): Promise<void>;
  /** Resolves once it was asked for the first time, whatever came of it. */
  ready(): Promise<unknown>;
  /** Milliseconds since the epoch; `Infinity`: never; `NaN`: not known. */
  acceptUntil(): number;
  /** The same of the sign-in. `-Infinity` leaves nobody, machines included. */
  acceptSignInsBefore(now: number): number;
  /** The refusal while `acceptUntil` is not known. */
  unknown(): CutoverError;
}

/** What answers to legacy tokens announce. */
export interface Announcement {
  readonly deprecation: string;
  readonly sunset: string | undefined;
}

/** What `createPhases` returns, and its `next`: given to a verifier as `legacyTokens`. */
export interface LegacyTokenPhases {
  /** The plan, the phase in force, and how old that knowledge is. */
  status(): PhaseStatus;
}

/** What phases have for the verifier and the middleware. */
export interface PhasesInside {
  readonly window: LegacyWindow;
  /** `undefined` while nothing is announced. */
  readonly announced: () => Announcement | undefined;
}

/** `undefined` for anything that `createPhases` did not make. */
export function insideOf(phases: unknown): PhasesInside | undefined {
  if (typeof phases !== 'object' || phases === null) return undefined;
  return (phases as { readonly [LEGACY_WINDOW]?: PhasesInside })[LEGACY_WINDOW];
}
