import { checkOneOf, refuse } from '../options.js';
import { checkEvent, frameOf, type TriggerFrame, type TriggerOptions } from './frame.js';
import { MAPPED_ID_KEYS, type MappedIdOptions, mappedIdOf } from './mapped-id.js';
import { type OwnSubTriggerOptions, ownSubFinder } from './own-sub.js';
import {
  checkClaims,
  type Finding,
  type LegacyIdClaimOptions,
  override,
  type PreTokenGenerationEvent,
} from './token-overrides.js';
import { reasonOf, TriggerError } from './trigger-error.js';

/** Options of the pre token generation trigger of the **new** pool, whose users are mapped to their legacy id. */
export interface MappingTriggerOptions extends TriggerOptions, MappedIdOptions, LegacyIdClaimOptions {
  /**
   * Where the legacy id comes from. `'mapping'`: the store and the attribute of the new pool's users. `'own-sub'`: the user's
   * own `sub`, for a trigger of the legacy pool, so that tokens of both pools have the same claim.
   * @defaultValue `'mapping'`
   */
  readonly source?: 'mapping';
  /**
   * User attribute that is read where the store has nothing. `null` trusts the store alone, for a pool where an app client
   * may write the attribute: what users wrote there is then also removed from ID tokens. Needs `store`.
   * @defaultValue `'custom:legacy_sub'`
   */
  readonly attribute?: string | null;
  /**
   * What happens while the store is unavailable. `'fail'` stops the sign-in or refresh. `'omit'` issues tokens without a
   * legacy id, even where the attribute has one, because the store might contradict it: APIs then ask their resolver or
   * answer 403. Never use it with a verifier whose `legacyId.onMissing` is `'own-sub'`.
   * @defaultValue `'fail'`
   */
  readonly onStoreFailure?: 'fail' | 'omit';
}

/** Options of {@link createPreTokenGenerationTrigger}. */
export type PreTokenGenerationTriggerOptions = MappingTriggerOptions | OwnSubTriggerOptions;

/** Fits the handler types of `@types/aws-lambda` for all three versions. */
export type PreTokenGenerationTrigger = <E extends PreTokenGenerationEvent>(event: E) => Promise<E>;

/** The options that only one source has. */
const ONLY_WITH = {
  mapping: [...MAPPED_ID_KEYS, 'onStoreFailure'],
  'own-sub': ['userPoolIds'],
} as const;

/**
 * Pre token generation: puts the user's legacy id into the ID token and, with events of version 2 or 3, into the access
 * token. Machine tokens, groups, roles and overrides already in the response stay as they are.
 *
 * @returns a Lambda handler; it rejects with {@link TriggerError} `ERR_LEGACY_ID_UNAVAILABLE`, `ERR_LEGACY_ID_INVALID`,
 * `ERR_DEADLINE` or `ERR_EVENT_UNEXPECTED`
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
export function createPreTokenGenerationTrigger(
  options: PreTokenGenerationTriggerOptions = {},
): PreTokenGenerationTrigger {
  const frame = frameOf(options, [
    'source',
    'idTokenClaim',
    'accessTokenClaim',
    ...ONLY_WITH.mapping,
    ...ONLY_WITH['own-sub'],
  ]);
  const source = checkOneOf('source', options.source, ['mapping', 'own-sub'], 'mapping');
  const other = source === 'mapping' ? 'own-sub' : 'mapping';
  for (const option of ONLY_WITH[other]) {
    const value: unknown = Reflect.get(options, option);
    if (value !== undefined) refuse(option, `no value unless source is '${other}'`, value);
  }
  const claims = checkClaims(options);
  const find = options.source === 'own-sub' ? ownSubFinder(options, claims) : mappingFinder(options, frame);

  return async (event) => {
    // Client credentials: there is no user, and the verifier uses the client as the identity.
    if (event?.triggerSource === 'TokenGeneration_ClientCredentials') return event;
    checkEvent(event, ['userAttributes', 'response']);
    if (!event.triggerSource.startsWith('TokenGeneration_')) throw new TriggerError('ERR_EVENT_UNEXPECTED');
    const found = await find(event);
    if (found.legacyId !== undefined || found.suppress) override(event, found, claims);
    return event;
  };
}

/** Finds the legacy id of a new-pool user: in the store, then in the attribute. */
function mappingFinder(
  options: MappingTriggerOptions,
  frame: TriggerFrame,
): (event: PreTokenGenerationEvent) => Promise<Finding> {
  const mappedId = mappedIdOf(options);
  const onStoreFailure = checkOneOf('onStoreFailure', options.onStoreFailure, ['fail', 'omit'], 'fail');
  return async ({ request: { userAttributes } }) => {
    try {
      const stored = await frame.withinDeadline(() => mappedId.fromStore(userAttributes['sub']));
      if (stored !== undefined) return { legacyId: stored };
    } catch (error) {
      frame.report(error);
      if (onStoreFailure === 'omit') return { legacyId: undefined, suppress: true };
      throw error instanceof TriggerError ? error : new TriggerError('ERR_LEGACY_ID_UNAVAILABLE', reasonOf(error));
    }
    const own = mappedId.fromAttribute(userAttributes);
    return own === undefined ? { legacyId: undefined, suppress: !mappedId.trustsAttribute } : { legacyId: own };
  };
}
