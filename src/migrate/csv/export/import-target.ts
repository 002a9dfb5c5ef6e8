import type { ImportService, ImportSettings } from '../../../directory/import-types.js';
import { MigrationError } from '../../migration-error.js';
import { missingAttribute } from '../../missing-attribute.js';
import { MFA_COLUMN, USERNAME_COLUMN } from '../format/columns.js';
import { cellFault } from '../format/dialect.js';

/** The settings of the new pool that the rows of its import file depend on. */
export interface ImportTarget extends ImportSettings {
  readonly columns: readonly string[];
  /** Column that gets the legacy id. */
  readonly attribute: string;
}

/**
 * Checks that users can be imported into this pool.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`, `ERR_POOL`
 */
export function checkTarget(
  { userPoolId }: Pick<ImportService, 'userPoolId'>,
  columns: readonly string[],
  settings: ImportSettings,
  attribute: string,
): ImportTarget {
  if (!columns.includes(attribute)) throw missingAttribute(userPoolId, attribute);
  const { autoVerified } = settings;
  if (autoVerified.length === 0) {
    throw new MigrationError(
      'ERR_POOL',
      `pool ${userPoolId} verifies neither e-mail addresses nor phone numbers: Cognito does not start import jobs for such a pool`,
      { fix: 'Set its AutoVerifiedAttributes to email, phone_number or both.' },
    );
  }
  const needed = [USERNAME_COLUMN, MFA_COLUMN, ...autoVerified.flatMap((name) => [name, `${name}_verified`])];
  const missing = needed.find((name) => !columns.includes(name));
  const strange = columns.find((name) => name === '' || name.includes(',') || cellFault(name) !== undefined);
  if (missing !== undefined || strange !== undefined || new Set(columns).size < columns.length) {
    const what = missing === undefined ? 'columns that cannot be written' : `no column ${missing}`;
    throw new MigrationError('ERR_POOL', `the import header of pool ${userPoolId} has ${what}`);
  }
  return { ...settings, columns, attribute };
}
