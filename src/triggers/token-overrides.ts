import type {
  PreTokenGenerationTriggerEvent,
  PreTokenGenerationV2TriggerEvent,
  PreTokenGenerationV3TriggerEvent,
} from 'aws-lambda';
import { checkString, refuse } from '../options.js';
import { DEFAULT_ACCESS_TOKEN_CLAIM, DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';

/** Events of version 1 change ID tokens, events of version 2 also access tokens, events of version 3 also machine tokens. */
export type PreTokenGenerationEvent =
  | PreTokenGenerationTriggerEvent
  | PreTokenGenerationV2TriggerEvent
  | PreTokenGenerationV3TriggerEvent;

/** The claims that get the legacy id. */
export interface LegacyIdClaimOptions {
  /** Claim of ID tokens. @defaultValue `'custom:legacy_sub'` */
  readonly idTokenClaim?: string;
  /** Claim of access tokens; events of version 2 and 3 only. @defaultValue `'legacy_sub'` */
  readonly accessTokenClaim?: string;
}

export type LegacyIdClaims = Required<LegacyIdClaimOptions>;

/** Claims that Cognito reserves. An override of one of them is ignored or fails the sign-in. */
const RESERVED =
  /^(acr|amr|at_hash|aud|auth_time|azp|client_id|device_key|event_id|exp|iat|identities|iss|jti|nbf|nonce|origin_jti|scope|sub|token_use|username|version)$|^(cognito|dev):/;

function checkClaim(option: string, value: string | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  const claim = checkString(option, value, 'the name of a claim');
  return RESERVED.test(claim) ? refuse(option, 'a claim that Cognito does not reserve', claim) : claim;
}

export function checkClaims({ idTokenClaim, accessTokenClaim }: LegacyIdClaimOptions): LegacyIdClaims {
  return {
    idTokenClaim: checkClaim('idTokenClaim', idTokenClaim, DEFAULT_ATTRIBUTE),
    accessTokenClaim: checkClaim('accessTokenClaim', accessTokenClaim, DEFAULT_ACCESS_TOKEN_CLAIM),
  };
}

/** What is known about one user: the value of the claim, or whether the claim must be removed. */
export type Finding = { readonly legacyId: string } | { readonly legacyId: undefined; readonly suppress: boolean };

interface Overrides {
  claimsToAddOrOverride?: Record<string, string> | undefined;
  claimsToSuppress?: string[] | undefined;
}

/** Writes what was found into the event's response. Overrides that are already there stay, and so do the user's groups. */
export function override(event: PreTokenGenerationEvent, { legacyId }: Finding, claims: LegacyIdClaims): void {
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
