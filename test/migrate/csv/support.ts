import { join } from 'node:path';
import type { AttributeRule, ImportSettings } from '../../../src/directory/import-types.js';
import type { DirectoryUser } from '../../../src/directory/user-types.js';
import { checkTarget, type ImportTarget } from '../../../src/migrate/csv/export/import-target.js';
import { folder } from '../../support/folder.js';

/** The name of a folder that does not exist yet, in one of this test's own. */
export function newFolder(): string {
  return join(folder(), 'import');
}

export const COLUMNS = [
  'cognito:username',
  'name',
  'birthdate',
  'email',
  'email_verified',
  'phone_number',
  'phone_number_verified',
  'custom:legacy_sub',
  'cognito:mfa_enabled',
];

export const SETTINGS: ImportSettings = {
  autoVerified: ['email'],
  signInWith: [],
  aliases: [],
  mfaRequired: false,
  attributes: [],
};

export const rule = (name: string, more: Partial<AttributeRule> = {}): AttributeRule => ({
  name,
  required: false,
  minLength: undefined,
  maxLength: undefined,
  minValue: undefined,
  maxValue: undefined,
  ...more,
});

export const target = (settings: Partial<ImportSettings> = {}, columns: readonly string[] = COLUMNS): ImportTarget =>
  checkTarget({ userPoolId: 'eu-west-1_New' }, columns, { ...SETTINGS, ...settings }, 'custom:legacy_sub');

export const SUB = '00000001-0000-4000-8000-000000000000';

/** A confirmed user with a verified e-mail address, and what is laid over that. */
export function user(
  attributes: Record<string, string> = {},
  { username = 'ann', ...more }: Partial<DirectoryUser> = {},
): DirectoryUser {
  return {
    username,
    sub: SUB,
    attributes: { sub: SUB, email: `${username}@example.com`, email_verified: 'true', ...attributes },
    status: 'CONFIRMED',
    enabled: true,
    createdAt: undefined,
    modifiedAt: undefined,
    ...more,
  };
}
