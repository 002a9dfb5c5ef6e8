import { readUuid } from '../../users/fold.js';
import type { Settled } from '../calls/writer.js';
import { storedValue } from '../state/schema.js';
import type { Found, Subject } from './lookup.js';

/** A user as the plan saw them, and the planned value. */
export interface PlannedUser extends Subject {
  readonly enabled: boolean;
  /** The attribute's value when the plan was made; empty if it was not set. */
  readonly before: string;
  readonly value: string;
  /** Whether the value is a legacy sub of the plan's listing; for a new-born user, their own sub. */
  readonly isLegacyId: boolean;
}

/** Whether the value of a decision occurs in the listings. If not, the file is damaged. */
export const IS_LEGACY_ID = `CASE d.outcome WHEN 'new-born' THEN d.value = n.sub
  ELSE EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = d.value) END`;

/** Begins the reason for a user who is no longer as planned. A person has to check. */
export const CHANGED = 'changed: ';

const skipped = (reason: string): Settled => ({ status: 'skipped', reason });

const GONE = skipped('gone: the pool has no user with this sub');
const NO_SUB = skipped(`${CHANGED}the user was planned without a sub and has one now`);
const OTHER_SUB = skipped(`${CHANGED}another sub has this username`);
const OTHER_NAME = skipped(`${CHANGED}the user has another username`);
const OTHER_STATE = skipped(`${CHANGED}the user was enabled or disabled since the plan`);
const OTHER_VALUE = skipped(`${CHANGED}the attribute was changed by somebody else since the plan`);
const RIGHT_ALREADY = skipped('already right: set by somebody else since the plan');
const VALUE_LACKS = skipped(`${CHANGED}the attribute does not hold the planned value`);

/** This is not caused by the user, but by a damaged state file. */
const NO_LEGACY_ID: Settled = {
  status: 'failed',
  reason: 'the planned value is not a legacy sub of the listing: the state file is damaged',
};

/**
 * Whether the user is still the planned one and the attribute still has the value that the plan saw, as a conditional write would check.
 * `undefined` if the value may be written.
 *
 * @param mayBeOurs this state has sent the value before and may not know whether it arrived
 */
export function judgeWrite(planned: PlannedUser, found: Found, attribute: string, mayBeOurs: boolean) {
  if (!planned.isLegacyId) return NO_LEGACY_ID;
  const settled = judgePerson(planned, found);
  if (settled !== undefined) return settled;
  const value = heldBy(found, attribute);
  if (sameId(value, planned.value)) return mayBeOurs ? ({ status: 'written' } satisfies Settled) : RIGHT_ALREADY;
  return value === planned.before ? undefined : OTHER_VALUE;
}

/**
 * The same check before a user is added to a group: the attribute must have the planned value.
 *
 * @param justWritten the attribute was written so recently that a listing may not show it yet
 */
export function judgeMember(planned: PlannedUser, found: Found, attribute: string, justWritten: boolean) {
  if (!planned.isLegacyId) return NO_LEGACY_ID;
  const settled = judgePerson(planned, found);
  if (settled !== undefined) return settled;
  const value = heldBy(found, attribute);
  return sameId(value, planned.value) || (justWritten && value === planned.before) ? undefined : VALUE_LACKS;
}

function judgePerson(planned: PlannedUser, { user, holder }: Found): Settled | undefined {
  // In a pool without subs, only the username tells users apart.
  const one = planned.sub === '' ? holder : user;
  if (planned.sub === '' && holder?.sub !== undefined) return NO_SUB;
  if (one === undefined) return holder === undefined ? GONE : OTHER_SUB;
  if (one.username !== planned.username) return OTHER_NAME;
  return one.enabled === planned.enabled ? undefined : OTHER_STATE;
}

/** The attribute's value as the state stores it; empty if there is none. */
export function heldBy({ user, holder }: Found, attribute: string): string {
  return String(storedValue((user ?? holder)?.attributes[attribute])[0] ?? '');
}

/** Compares values as verifiers do. */
export function sameId(one: string, other: string): boolean {
  return one === other || (readUuid(one) !== undefined && readUuid(one) === readUuid(other));
}
