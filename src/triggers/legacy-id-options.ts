import { checkString } from '../options.js';
import { DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';
import { checkLegacyIdFormat } from '../verify/identity.js';

/** Options of triggers that handle a legacy id. */
export interface LegacyIdFormatOptions {
  /** What a legacy id looks like; `null` accepts any non-empty string. @defaultValue `'uuid'` */
  readonly format?: 'uuid' | RegExp | null;
}

export function checkAttributeName(option: string, value: string | undefined): string {
  return value === undefined ? DEFAULT_ATTRIBUTE : checkString(option, value, 'the name of an attribute');
}

export function checkFormat(value: LegacyIdFormatOptions['format']): (legacyId: string) => boolean {
  const read = checkLegacyIdFormat('format', value);
  return (legacyId) => read(legacyId) !== undefined;
}
