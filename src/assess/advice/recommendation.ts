import { providerDirectly, replicationInstead } from './alternatives.js';
import { type Share, sharesOf } from './shares.js';
import type { Situation } from './situation.js';
import { type Step, stepsFor } from './steps.js';

export interface Recommendation {
  readonly shares: readonly Share[];
  /** When not to move users at all. `undefined` where replication cannot serve. */
  readonly replication: string | undefined;
  /** When to do without a second pool. `undefined` where anybody has a password. */
  readonly providerDirectly: string | undefined;
  /** What to do, in order. */
  readonly steps: readonly string[];
  /** The same, each with the ids of the findings that it settles. */
  readonly procedure: readonly Step[];
}

export function recommend(situation: Situation): Recommendation {
  const procedure = stepsFor(situation);
  return {
    shares: sharesOf(situation),
    replication: replicationInstead(situation),
    providerDirectly: providerDirectly(situation),
    steps: procedure.map(({ step }) => step),
    procedure,
  };
}
