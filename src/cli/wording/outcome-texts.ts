import type { Outcome } from '../../migrate/outcomes.js';

/** What an outcome requires of people. */
type OutcomeKind = 'write' | 'right' | 'person' | 'new';

export interface OutcomeText {
  readonly kind: OutcomeKind;
  /** What it means, in a few words. */
  readonly meaning: string;
}

/** Why nothing was written, and what a person can do about it. */
export interface PersonText {
  readonly reason: string;
  readonly nextStep: string;
}

/** The legacy users who are in no outcome. */
export const NOT_MIGRATED = 'legacy users whom no new user matches';

export const OUTCOME_TEXTS = {
  set: { kind: 'write', meaning: 'one legacy user, the attribute is empty' },
  ok: { kind: 'right', meaning: 'the attribute is right already' },
  conflict: {
    kind: 'person',
    meaning: 'the attribute holds another value',
    reason: 'One legacy user matches, but the attribute already holds another value.',
    nextStep:
      'Find out who wrote the value: a trigger, an earlier backfill, or the user through an app client that can write the ' +
      'attribute. If the plan is right, run apply with --overwrite. If the value is right, name its legacy user in the --mapping file.',
  },
  unexplained: {
    kind: 'person',
    meaning: 'the attribute holds a value that no legacy user backs',
    reason:
      'The attribute holds a value, and no legacy user backs it. The detail says what is known about it. A trigger or a backfill ' +
      'writes the sub of a legacy user, each to one new user. A value does not look like such a stamp if it is not a legacy ' +
      'user’s sub, when several users hold it, when the sign-up was never confirmed, or when a rule finds somebody else.',
    nextStep:
      'Treat it as a possible takeover until it is explained: check which app clients can write the attribute, or ever ' +
      'could. If none ever could, --trust-attribute settles the values that look like a stamp. If the detail names ' +
      'an identity provider that is the legacy pool, --legacy-provider proves them. For the others, name the right legacy user ' +
      'in the --mapping file, or clear the value.',
  },
  ambiguous: {
    kind: 'person',
    meaning: 'one rule finds several legacy users',
    reason: 'One rule finds several legacy users, so none can be chosen safely.',
    nextStep:
      'Decide which legacy account this person used, and name it in the --mapping file. If the accounts are in several legacy ' +
      'pools, --prefer chooses the one in the pool that you name.',
  },
  contradiction: {
    kind: 'person',
    meaning: 'rules find different legacy users',
    reason: 'Two rules find different legacy users, or the username matches and the verified e-mails differ.',
    nextStep: 'Look the accounts up in both pools, and name the right one in the --mapping file.',
  },
  duplicate: {
    kind: 'person',
    meaning: 'several new users match one legacy user',
    reason: 'Several new users match the same legacy user; giving it to one would be a guess.',
    nextStep:
      'Decide which new account to keep, name it in the --mapping file, and delete or disable the others in the new pool.',
  },
  unverified: {
    kind: 'person',
    meaning: 'would match, but nothing verified backs it',
    reason:
      'A legacy user would match, but by an e-mail or phone that is not verified in both pools, or by a username alone. An ' +
      'address that only an identity provider confirms does not count as verified.',
    nextStep:
      'Let the user verify the address and plan again, or name the legacy user in the --mapping file. If the detail names an ' +
      'identity provider that verifies addresses itself and lets nobody choose them, --trust-provider-email settles its users. If ' +
      'people could never choose their own usernames, in either pool, --trust-usernames settles those that match by username.',
  },
  'new-born': { kind: 'new', meaning: 'no legacy user: new in this pool' },
} satisfies Readonly<Record<Outcome, OutcomeText | (OutcomeText & PersonText)>>;

/** Users whom the pool refused to change. */
export const FAILED_TEXT: PersonText = {
  reason: 'Cognito refused the write for good.',
  nextStep: 'Fix what the detail says, then run apply again: it tries failed users again.',
};

/** Users who are no longer what the plan saw. */
export const SKIPPED_TEXT: PersonText = {
  reason:
    'The user was deleted or changed after the plan was made, or somebody else set the value: nothing was changed.',
  nextStep:
    'Look at those whose detail says "changed". Then plan again: the new plan decides about these users as they are now.',
};

/** Users for whom no membership is added. */
export const OVER_LIMIT_TEXT: PersonText = {
  reason: 'With the legacy groups the user would be in more groups than Cognito allows, so none was planned.',
  nextStep: 'Remove the user from groups that are no longer needed, in either pool, and plan again with --groups.',
};

/** Values that verification found to differ from the plan's. */
export const WRONG_TEXT: PersonText = {
  reason: "The attribute holds a value other than the plan's, or a value although the plan has none for this user.",
  nextStep:
    'Check whether the user is listed under an outcome above. If not, somebody changed the value after the plan: find out who, ' +
    'check which app clients can write the attribute, and plan again.',
};

/** Users who do not have the value that the plan gives them. */
export const MISSING_TEXT: PersonText = {
  reason: 'The plan has a value for this user, but the attribute is empty.',
  nextStep:
    'Run apply, then verify again. Conflicts are written only with --overwrite. If apply has nothing left to write, it skipped ' +
    'the user, or somebody removed the value since: plan again, then apply.',
};

/** The same after a rollback. */
export const ROLLED_BACK_TEXT: PersonText = {
  reason: 'The plan has a value for this user, but the attribute is empty. That is expected after a rollback.',
  nextStep: 'Nothing, if the rollback was wanted. To write the values after all, plan again, then apply.',
};
