import type { Guard } from '../../../migrate/control/plan-guards.js';
import type { PublishResult } from '../../../migrate/publish/publish.js';
import type { ApplyResult, PlanResult, VerifyResult } from '../../../migrate/results.js';

/** `sync --json`. What was not reached, or was not asked for, is `null`. */
export interface SyncResult {
  readonly plan: PlanResult | null;
  readonly guards: readonly Guard[];
  readonly apply: ApplyResult | null;
  readonly verify: VerifyResult | null;
  readonly publish: ({ readonly to: string } & PublishResult) | null;
  readonly seconds: number;
}
