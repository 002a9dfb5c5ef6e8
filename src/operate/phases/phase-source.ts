/** How far the legacy pool is closed. What is left out, or `null`, is not planned. All of it may be undone. */
export interface PhasePlan {
  /** From then on answers to legacy tokens carry `Deprecation`, and `Sunset` where `acceptUntil` is known. */
  readonly announceFrom?: Date | null;
  /** Legacy tokens whose sign-in (`auth_time`) is later are refused. */
  readonly acceptSignInsBefore?: Date | null;
  /** Legacy tokens are refused after it. */
  readonly acceptUntil?: Date | null;
}

/** The phase in force, by the clock. */
export type Phase = 'open' | 'announced' | 'sign-ins-refused' | 'closed';

/** Where instances read the plan. `undefined` and `null` mean that none was set: the legacy pool is open. Rejects when it cannot tell. */
export type PhaseSource = (signal: AbortSignal) => Promise<PhasePlan | null | undefined>;

/** Where the `phase` command reads and writes the plan. */
export interface PhaseStore {
  read(signal?: AbortSignal): Promise<PhasePlan | undefined>;
  write(plan: PhasePlan): Promise<void>;
}
