import type {
  PreTokenGenerationTriggerEvent,
  PreTokenGenerationV2TriggerEvent,
  PreTokenGenerationV3TriggerEvent,
} from 'aws-lambda';
import { checkOneOf, checkString, refuse } from '../options.js';
import { DEFAULT_ACCESS_TOKEN_CLAIM, DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';
import { frameOf, type TriggerOptions } from './frame.js';
import { MAPPED_ID_KEYS, type MappedIdOptions, mappedIdOf } from './mapped-id.js';
import { reasonOf, TriggerError } from './trigger-error.js';

export interface PreTokenGenerationTriggerOptions extends TriggerOptions, MappedIdOptions {
  /**
   * User attribute that is read where the store has nothing. `null` trusts the store alone, for a pool where an app client
   * may write the attribute: what users wrote there is then also removed from ID tokens. Needs `store`.
   * @defaultValue `'custom:legacy_sub'`
   */
  readonly attribute?: string | null;
  /** Claim of ID tokens that gets the legacy id. @defaultValue `'custom:legacy_sub'` */
  readonly idTokenClaim?: string;
  /** Claim of access tokens that gets it; events of version 2 and 3 only. @defaultValue `'legacy_sub'` */
  readonly accessTokenClaim?: string;
  /**
   * What happens while the store is unavailable. `'fail'` stops the sign-in or refresh. `'omit'` issues tokens without a
   * legacy id, even where the attribute has one, because the store might contradict it: APIs then ask their resolver or
   * answer 403. Never use it with a verifier whose `legacyId.onMissing` is `'own-sub'`.
   * @defaultValue `'fail'`
   */
  readonly onStoreFailure?: 'fail' | 'omit';
}

/** Events of version 1 change ID tokens, events of version 2 also access tokens, events of version 3 also machine tokens. */
export type PreTokenGenerationEvent =
  | PreTokenGenerationTriggerEvent
  | PreTokenGenerationV2TriggerEvent
  | PreTokenGenerationV3TriggerEvent;

/** Fits the handler types of `@types/aws-lambda` for all three versions. */
export type PreTokenGenerationTrigger = <E extends PreTokenGenerationEvent>(event: E) => Promise<E>;

/** Claims that Cognito reserves. An override of one of them is ignored or fails the sign-in. */
const RESERVED =
  /^(acr|amr|at_hash|aud|auth_time|azp|client_id|device_key|event_id|exp|iat|identities|iss|jti|nbf|nonce|origin_jti|scope|sub|token_use|username|version)$|^(cognito|dev):/;

/** What is known about one user: the value of the claim, or whether the claim must be removed. */
type Finding = { readonly legacyId: string } | { readonly legacyId: undefined; readonly suppress: boolean };

/**
 * Pre token generation: puts the user's legacy id into the ID token and, with events of version 2 or 3, into the access
 * token. Machine tokens, groups, roles and overrides already in the response stay as they are.
 *
 * @returns a Lambda handler; it rejects with {@link TriggerError} `ERR_LEGACY_ID_UNAVAILABLE` or `ERR_DEADLINE`
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
export function createPreTokenGenerationTrigger(
  options: PreTokenGenerationTriggerOptions = {},
): PreTokenGenerationTrigger {
  const frame = frameOf(options, [...MAPPED_ID_KEYS, 'idTokenClaim', 'accessTokenClaim', 'onStoreFailure']);
  const mappedId = mappedIdOf(options);
  const idTokenClaim = checkClaim('idTokenClaim', options.idTokenClaim, DEFAULT_ATTRIBUTE);
  const accessTokenClaim = checkClaim('accessTokenClaim', options.accessTokenClaim, DEFAULT_ACCESS_TOKEN_CLAIM);
  const onStoreFailure = checkOneOf('onStoreFailure', options.onStoreFailure, ['fail', 'omit'], 'fail');

  const find = async (attributes: Readonly<Record<string, string>>): Promise<Finding> => {
    try {
      const stored = await frame.withinDeadline(() => mappedId.fromStore(attributes['sub']));
      if (stored !== undefined) return { legacyId: stored };
    } catch (error) {
      frame.report(error);
      if (onStoreFailure === 'omit') return { legacyId: undefined, suppress: true };
      throw error instanceof TriggerError ? error : new TriggerError('ERR_LEGACY_ID_UNAVAILABLE', reasonOf(error));
    }
    const own = mappedId.fromAttribute(attributes);
    return own === undefined ? { legacyId: undefined, suppress: !mappedId.trustsAttribute } : { legacyId: own };
  };

  return async (event) => {
    // Client credentials: there is no user, and the verifier uses the client as the identity.
    if (event.triggerSource === 'TokenGeneration_ClientCredentials') return event;
    if (!event.triggerSource.startsWith('TokenGeneration_')) throw new TriggerError('ERR_EVENT_UNEXPECTED');
    const found = await find(event.request.userAttributes);
    if (found.legacyId !== undefined || found.suppress) override(event, found, { idTokenClaim, accessTokenClaim });
    return event;
  };
}

interface Overrides {
  claimsToAddOrOverride?: Record<string, string> | undefined;
  claimsToSuppress?: string[] | undefined;
}

function override(
  event: PreTokenGenerationEvent,
  { legacyId }: Finding,
  claims: { readonly idTokenClaim: string; readonly accessTokenClaim: string },
): void {
  const change = <T extends Overrides>(claim: string, present: T | null | undefined): T | Overrides =>
    legacyId === undefined
      ? { ...present, claimsToSuppress: [...(present?.claimsToSuppress ?? []), claim] }
      : { ...present, claimsToAddOrOverride: { ...present?.claimsToAddOrOverride, [claim]: legacyId } };
  // A response without groups removes them from the tokens.
  const { groupConfiguration } = event.request;
  const keep = groupConfiguration === undefined ? {} : { groupOverrideDetails: groupConfiguration };
  if (isFirstVersion(event)) {
    const present = event.response.claimsOverrideDetails;
    event.response.claimsOverrideDetails = { ...keep, ...change(claims.idTokenClaim, present) };
  } else {
    const present = event.response.claimsAndScopeOverrideDetails;
    event.response.claimsAndScopeOverrideDetails = {
      ...keep,
      ...present,
      idTokenGeneration: change(claims.idTokenClaim, present?.idTokenGeneration),
      accessTokenGeneration: change(claims.accessTokenClaim, present?.accessTokenGeneration),
    };
  }
}

/** Emulators number the first version 0. */
function isFirstVersion(event: PreTokenGenerationEvent): event is PreTokenGenerationTriggerEvent {
  return event.version === '1' || event.version === '0';
}

function checkClaim(option: string, value: string | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  const claim = checkString(option, value, 'the name of a claim');
  return RESERVED.test(claim) ? refuse(option, 'a claim that Cognito does not reserve', claim) : claim;
}
