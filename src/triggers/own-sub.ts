import { checkString, refuse } from '../options.js';
import { sameFolded } from '../users/fold.js';
import { DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';
import type { TriggerOptions } from './frame.js';
import type { Finding, LegacyIdClaimOptions, LegacyIdClaims, PreTokenGenerationEvent } from './token-overrides.js';
import { TriggerError } from './trigger-error.js';

/** Options of the pre token generation trigger of a **legacy** pool, whose users' legacy id is their own `sub`. */
export interface OwnSubTriggerOptions extends TriggerOptions, LegacyIdClaimOptions {
  /** The legacy id is the `sub` of the user: the trigger is attached to the legacy pool. */
  readonly source: 'own-sub';
  /**
   * The legacy pools. Events of any other pool are refused, so that a function that is attached to the new pool by mistake
   * cannot give its users their new `sub` as legacy id. Without it, only users whose attribute contains another legacy id
   * give the mistake away; these are refused. Default: any pool.
   */
  readonly userPoolIds?: readonly string[];
}

/** Finds the user's own `sub`, in events of the legacy pools only. */
export function ownSubFinder(
  { userPoolIds }: OwnSubTriggerOptions,
  { idTokenClaim }: LegacyIdClaims,
): (event: PreTokenGenerationEvent) => Finding {
  const pools = checkUserPoolIds(userPoolIds);
  const attributes = new Set([DEFAULT_ATTRIBUTE, idTokenClaim]);

  return ({ userPoolId, request: { userAttributes } }) => {
    if (pools !== undefined && !pools.has(userPoolId))
      throw new TriggerError('ERR_EVENT_UNEXPECTED', 'another user pool');
    const { sub } = userAttributes;
    if (typeof sub !== 'string' || sub === '') throw new TriggerError('ERR_EVENT_UNEXPECTED', 'no sub');
    // A mapped user of the new pool looks like this. In a pool that is known to be a legacy one, only a user can have written it.
    const isMapped = (name: string) => (userAttributes[name] ?? '') !== '' && !sameFolded(sub, userAttributes[name]);
    const mapped = pools === undefined ? [...attributes].find(isMapped) : undefined;
    if (mapped !== undefined) throw new TriggerError('ERR_EVENT_UNEXPECTED', mapped);
    return { legacyId: sub };
  };
}

function checkUserPoolIds(value: unknown): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0)
    refuse('userPoolIds', 'an array of at least one user pool id', value);
  return new Set(value.map((one, index) => checkString(`userPoolIds[${index}]`, one, 'a user pool id')));
}
