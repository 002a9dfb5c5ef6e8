import { csvLine } from '../../files/csv-line.js';
import { REASON_TEXTS, type Refusal } from './reasons.js';

/** The lines of `lines.csv`. */
export const LINES_HEADER = csvLine(['file', 'line', 'legacy_sub']);

/** @param place of the user in the file, from 1. The file's header is its line 1. */
export const lineOfUser = (file: string, place: number, legacySub: string): string =>
  csvLine([file, String(place + 1), legacySub]);

/** The lines of `not-imported.csv`. */
export const NOT_IMPORTED_HEADER = csvLine(['legacy_sub', 'reason', 'detail']);

export const lineOfRefusal = (legacySub: string, { reason, name }: Refusal): string =>
  csvLine([legacySub, reason, REASON_TEXTS[reason](name)]);

/** The lines of `missing.csv`. */
export const MISSING_HEADER = csvLine(['legacy_sub', 'file', 'line']);

export const lineOfMissing = (legacySub: string, file: string, line: number): string =>
  csvLine([legacySub, file, String(line)]);
