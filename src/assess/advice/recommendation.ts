import { providerDirectly, replicationInstead } from './alternatives.js';
import { type Share, sharesOf } from './shares.js';
import type { Situation } from './situation.js';
import { type Step, stepsFor } from './steps.js';

export interface Recommendation {
  readonly shares: readonly Share[];
  /** When replication is enough and no user has to move. `undefined` if it is not an option. */
  readonly replication: string | undefined;
  /** When applications can use the identity provider directly. `undefined` if any user has a password. */
  readonly providerDirectly: string | undefined;
  /** What to do, in order. */
  readonly steps: readonly string[];
  /** The same in a few words each. */
  readonly titles: readonly string[];
  /** The same, each with the ids of the findings that it resolves. */
  readonly procedure: readonly Pick<Step, 'step' | 'settles'>[];
}

export function recommend(situation: Situation): Recommendation {
  const steps = stepsFor(situation);
  return {
    shares: sharesOf(situation),
    replication: replicationInstead(situation),
    providerDirectly: providerDirectly(situation),
    steps: steps.map(({ step }) => step),
    titles: steps.map(({ title }) => title),
    procedure: steps.map(({ step, settles }) => ({ step, settles })),
  };
}
