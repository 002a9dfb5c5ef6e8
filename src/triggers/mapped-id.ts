import { checkAnswer } from '../legacy-id/resolver.js';
import type { LegacyIdStore } from '../legacy-id/store.js';
import { refuse } from '../options.js';
import { checkAttributeName, checkFormat, type LegacyIdFormatOptions } from './legacy-id-options.js';
import { TriggerError } from './trigger-error.js';

/** Where triggers find the legacy id of a new-pool user. */
export interface MappedIdOptions extends LegacyIdFormatOptions {
  /** New `sub` -> legacy id, read first. `publish` and the post-confirmation trigger fill it. Default: none. */
  readonly store?: Pick<LegacyIdStore, 'get'>;
  /**
   * User attribute that is read where the store has nothing. `null` trusts the store alone, for a pool where an app client
   * may write the attribute. Needs `store`.
   * @defaultValue `'custom:legacy_sub'`
   */
  readonly attribute?: string | null;
}

export const MAPPED_ID_KEYS = ['store', 'attribute', 'format'] as const;

/** The legacy id of a user: what the store says, or else, where the store has nothing, the attribute. */
export interface MappedId {
  /** False where the attribute is not trusted. */
  readonly trustsAttribute: boolean;
  /**
   * Rejects where the store fails, or with {@link TriggerError}: `ERR_LEGACY_ID_INVALID` where it holds something else than a legacy id,
   * `ERR_EVENT_UNEXPECTED` for an event without a `sub`.
   */
  fromStore(sub: string | undefined): Promise<string | undefined>;
  /** `undefined` also where the attribute holds something else than a legacy id. */
  fromAttribute(attributes: Readonly<Record<string, string>>): string | undefined;
}

/** @throws {@link ConfigurationError} */
export function mappedIdOf(options: MappedIdOptions): MappedId {
  const { store } = options;
  if (store !== undefined && typeof store?.get !== 'function') refuse('store', 'a store with get()', store);
  if (options.attribute === null && store === undefined)
    refuse('attribute', 'an attribute, because there is no store', null);
  const attribute = options.attribute === null ? null : checkAttributeName('attribute', options.attribute);
  const isLegacyId = checkFormat(options.format);
  return {
    trustsAttribute: attribute !== null,
    async fromStore(sub) {
      if (store === undefined) return undefined;
      if (sub === undefined) throw new TriggerError('ERR_EVENT_UNEXPECTED', 'no sub');
      const legacyId = checkAnswer(await store.get(sub));
      if (legacyId === undefined || isLegacyId(legacyId)) return legacyId;
      throw new TriggerError('ERR_LEGACY_ID_INVALID');
    },
    fromAttribute(attributes) {
      const own = attribute === null ? undefined : attributes[attribute];
      return typeof own === 'string' && isLegacyId(own) ? own : undefined;
    },
  };
}
