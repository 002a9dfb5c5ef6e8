/** How far the legacy pool is closed. What is left out, or `null`, is not planned. All of it may be undone. */
export interface PhasePlan {
  /** From then on answers to legacy tokens carry `Deprecation`, and `Sunset` where `acceptUntil` is known. */
  readonly announceFrom?: Date | null;
  /** Legacy tokens whose sign-in (`auth_time`) is later are refused. Not after `acceptUntil`. */
  readonly acceptSignInsBefore?: Date | null;
  /** Legacy tokens are refused after it. Not before `announceFrom`. */
  readonly acceptUntil?: Date | null;
}

/** The phase in force, by the clock. */
export type Phase = 'open' | 'announced' | 'sign-ins-refused' | 'closed';

/** A {@link PhasePlan} as JSON has it: ISO 8601 with a time zone in place of each Date. */
export type PhasePlanJson = { readonly [Name in keyof PhasePlan]?: string | null };

/** Where instances read the plan. `undefined` and `null` mean that none was set: the legacy pool is open. Rejects when it cannot tell. */
export type PhaseSource = (signal: AbortSignal) => Promise<PhasePlan | PhasePlanJson | null | undefined>;

/** Where the `phase` command reads and writes the plan. */
export interface PhaseStore {
  /** `undefined`: none was set. Rejects when it cannot tell. */
  read(signal?: AbortSignal): Promise<PhasePlan | undefined>;
  write(plan: PhasePlan): Promise<void>;
}

/** What is known about the phases. */
export interface PhaseStatus {
  /** In force now, by the wall clock; `undefined` while no plan is known. */
  readonly phase: Phase | undefined;
  /** The plan that is used; `null` for what is not planned. `undefined` while none is known. */
  readonly plan: Required<PhasePlan> | undefined;
  /** When the source last answered; absent while it never has, as with `initial`. */
  readonly answeredAt?: Date;
  /** How long ago that is, in monotonic time. */
  readonly ageSeconds?: number;
  /** Why the last poll failed; absent after one that succeeded. */
  readonly error?: Error;
}

/** The source answered another plan, stopped answering, or answers again. */
export interface PhaseEvent {
  readonly type: 'phases';
  /**
   * `changed`: the source answered another plan than before, or for the first time. `failed`: a poll failed, after one that had
   * not; the last known plan stays in use. `recovered`: the source answers again.
   */
  readonly outcome: 'changed' | 'failed' | 'recovered';
  readonly status: PhaseStatus;
}
