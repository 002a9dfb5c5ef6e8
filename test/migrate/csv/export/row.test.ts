import { describe, expect, it } from 'vitest';
import type { ImportSettings } from '../../../../src/directory/import-types.js';
import type { DirectoryUser } from '../../../../src/directory/user-types.js';
import { RowMaker } from '../../../../src/migrate/csv/export/row.js';
import { fromLine } from '../../../../src/migrate/csv/format/dialect.js';
import { COLUMNS, rule, SUB, target, user } from '../support.js';

const make = (one: DirectoryUser, settings: Partial<ImportSettings> = {}) => new RowMaker(target(settings)).make(one);

/** The cells of the user's row that are not empty, by column. */
function cells(one: DirectoryUser, settings: Partial<ImportSettings> = {}): Record<string, string> {
  const row = make(one, settings);
  if ('reason' in row) throw new Error(row.reason);
  const values = fromLine(row.line);
  expect(values).toHaveLength(COLUMNS.length);
  return Object.fromEntries(COLUMNS.map((name, at) => [name, values[at] ?? '']).filter(([, value]) => value !== ''));
}

const PHONE = { phone_number: '+15550100', phone_number_verified: 'true' };
const EMAIL = { email: 'ann@example.com' };
const REQUIRED = { required: true };
const NUMBER = { type: 'Number' } as const;
const NO_EMAIL = { email: '', email_verified: 'false' };

describe('the row of a user', () => {
  it('has what the legacy pool knows, the legacy id, and nothing made up', () => {
    expect(cells(user({ name: 'Ann, the first', birthdate: '1980-12-31', phone_number: '+15550100' }))).toEqual({
      'cognito:username': 'ann',
      name: 'Ann, the first',
      birthdate: '12/31/1980',
      email: 'ann@example.com',
      email_verified: 'true',
      phone_number: '+15550100',
      phone_number_verified: 'false',
      'custom:legacy_sub': SUB,
      'cognito:mfa_enabled': 'false',
    });
  });

  it.each<[string, Record<string, string>, Partial<ImportSettings>, Record<string, string>]>([
    [
      'asks for a second factor where the pool demands one',
      {},
      { mfaRequired: true },
      { 'cognito:mfa_enabled': 'true' },
    ],
    ['never takes over a legacy id of the legacy pool', { 'custom:legacy_sub': 'x' }, {}, { 'custom:legacy_sub': SUB }],
    ['says TRUE as true', { email_verified: 'TRUE' }, {}, { email_verified: 'true' }],
    [
      'calls no missing address verified',
      { ...PHONE, email: '', email_verified: 'true' },
      { autoVerified: ['phone_number'] },
      { email_verified: 'false', phone_number_verified: 'true' },
    ],
    [
      'names people by their address where the pool signs in with it',
      {},
      { signInWith: ['email'] },
      { 'cognito:username': 'ann@example.com' },
    ],
    [
      'names people by the address that is verified',
      { ...PHONE, email_verified: 'false' },
      { signInWith: ['email', 'phone_number'], autoVerified: ['phone_number'] },
      { 'cognito:username': '+15550100' },
    ],
  ])('%s', (_name, attributes, settings, expected) => {
    expect(cells(user(attributes), settings)).toMatchObject(expected);
  });

  it.each<[string, DirectoryUser, Partial<ImportSettings>]>([
    ['no-sub', user({}, { sub: undefined }), {}],
    ['external-provider', user({}, { status: 'EXTERNAL_PROVIDER' }), {}],
    ['unconfirmed', user({}, { status: 'UNCONFIRMED' }), {}],
    ['status ARCHIVED', user({}, { status: 'ARCHIVED' }), {}],
    ['status COMPROMISED', user({}, { status: 'COMPROMISED' }), {}],
    ['disabled', user({}, { enabled: false }), {}],
    ['no-verified-contact', user({ email_verified: 'false' }), {}],
    ['no-verified-contact', user({ email: '' }), {}],
    ['no-verified-contact', user({ ...NO_EMAIL, ...PHONE }), {}],
    ['no-verified-contact', user(), { autoVerified: ['phone_number'] }],
    ['no-sign-in-address', user({ ...NO_EMAIL, ...PHONE }), { autoVerified: ['phone_number'], signInWith: ['email'] }],
    ['username', user(EMAIL, { username: 'two words' }), {}],
    ['username', user({}, { username: 'x'.repeat(129) }), {}],
    ['username', user(EMAIL, { username: 'ann@example.com' }), { aliases: ['email'] }],
    ['username', user({}, { username: '+15550100' }), { aliases: ['phone_number'] }],
    ['required-missing name', user(), { attributes: [rule('name', { required: true })] }],
    ['too-long name', user({ name: 'Annabella' }), { attributes: [rule('name', { ...REQUIRED, maxLength: 8 })] }],
    ['too-long name', user({ name: 'A' }), { attributes: [rule('name', { ...REQUIRED, minLength: 2 })] }],
    ['too-long name', user({ name: 'x'.repeat(2049) }), { attributes: [rule('name', REQUIRED)] }],
    ['too-long custom:legacy_sub', user(), { attributes: [rule('custom:legacy_sub', { maxLength: 35 })] }],
    [
      'out-of-range name',
      user({ name: '11' }),
      { attributes: [rule('name', { ...NUMBER, ...REQUIRED, maxValue: 10 })] },
    ],
    ['out-of-range name', user({ name: 'ten' }), { attributes: [rule('name', { ...NUMBER, ...REQUIRED })] }],
    ['wrong-form name', user({ name: 'yes' }), { attributes: [rule('name', { type: 'Boolean', ...REQUIRED })] }],
    ['wrong-form name', user({ name: '2026' }), { attributes: [rule('name', { type: 'DateTime', ...REQUIRED })] }],
    ['wrong-form phone_number', user({ phone_number: '0155' }), { attributes: [rule('phone_number', REQUIRED)] }],
    ['wrong-form email', user({ email: 'ann' }), {}],
    [
      'wrong-form phone_number',
      user({ ...PHONE, phone_number: '+0155', email_verified: 'false' }),
      { autoVerified: ['email', 'phone_number'], signInWith: ['phone_number'] },
    ],
    [
      'wrong-form phone_number',
      user({ ...PHONE, phone_number: '+0155' }),
      { autoVerified: ['email'], signInWith: ['phone_number'] },
    ],
    ['birthdate birthdate', user({ birthdate: '31.12.1980' }), { attributes: [rule('birthdate', REQUIRED)] }],
    ['line-break name', user({ name: 'Ann\nthe first' }), {}],
    ['backslash name', user({ name: 'CORP\\ann' }), {}],
    ['quote name', user({ name: '"Ann"' }), {}],
    ['not-unicode name', user({ name: '\udead' }), {}],
  ])('is refused: %s', (expected, one, settings) => {
    expect(make(one, settings)).toEqual({
      reason: expected.split(' ')[0],
      name: expected.split(' ')[1] ?? '',
    });
  });

  it.each<[string, DirectoryUser, Partial<ImportSettings>]>([
    ['a username like an address, where that is no alias', user(EMAIL, { username: 'ann@example.com' }), {}],
    ['who must reset their password', user({}, { status: 'RESET_REQUIRED' }), {}],
    ['who never changed their first password', user({}, { status: 'FORCE_CHANGE_PASSWORD' }), {}],
    ['the longest name there may be', user({ name: 'x'.repeat(2048) }), {}],
    [
      'the largest number there may be',
      user({ name: '10' }),
      { attributes: [rule('name', { ...NUMBER, maxValue: 10 })] },
    ],
    [
      'a leap day',
      user({ birthdate: '1980-02-29' }),
      { attributes: [rule('birthdate', { minLength: 10, maxLength: 10 })] },
    ],
  ])('is made for a user with %s', (_name, one, settings) => {
    expect(make(one, settings)).toMatchObject({ sub: SUB, misfits: [] });
  });

  it.each<[string, DirectoryUser, Partial<ImportSettings>]>([
    ['name', user({ name: 'Annabella' }), { attributes: [rule('name', { maxLength: 8 })] }],
    ['name', user({ name: 'A' }), { attributes: [rule('name', { minLength: 2 })] }],
    ['name', user({ name: 'x'.repeat(2049) }), {}],
    ['name', user({ name: 'ten' }), { attributes: [rule('name', NUMBER)] }],
    ['name', user({ name: '1e3' }), { attributes: [rule('name', NUMBER)] }],
    ['name', user({ name: '11' }), { attributes: [rule('name', { ...NUMBER, maxValue: 10 })] }],
    ['name', user({ name: 'yes' }), { attributes: [rule('name', { type: 'Boolean' })] }],
    ['name', user({ name: '2026-11-24' }), { attributes: [rule('name', { type: 'DateTime' })] }],
    ['birthdate', user({ birthdate: '31.12.1980' }), {}],
    ['birthdate', user({ birthdate: '1980-02-30' }), {}],
    ['birthdate', user({ birthdate: '1980-13-01' }), {}],
    ['phone_number', user({ phone_number: '0155', phone_number_verified: 'true' }), {}],
    ['email', user({ ...PHONE, email: 'ann' }), { autoVerified: ['phone_number'] }],
  ])('leaves out and names an optional attribute that does not fit: %s', (name, one, settings) => {
    expect(make(one, settings)).toMatchObject({ sub: SUB, misfits: [name] });
    expect(cells(one, settings)).not.toHaveProperty(name);
    if (name === 'phone_number') expect(cells(one, settings)).toMatchObject({ phone_number_verified: 'false' });
  });

  it('has at most 16000 characters', () => {
    const columns = [...COLUMNS, ...Array.from({ length: 8 }, (_, n) => `custom:a${n}`)];
    const long = Object.fromEntries(columns.slice(-8).map((name) => [name, 'x'.repeat(1980)]));
    const maker = new RowMaker(target({}, columns));
    const first = maker.make(user(long));
    const length = 'line' in first ? first.line.length : 0;
    expect(length).toBeGreaterThan(15_800);
    const room = 'y'.repeat(16_000 - length);
    expect(maker.make(user({ ...long, name: room }))).toMatchObject({ sub: SUB });
    expect(maker.make(user({ ...long, name: `${room}y` }))).toEqual({ reason: 'row-too-long', name: '' });
  });

  it.each<[Partial<ImportSettings>, unknown]>([
    [{}, [['username', 'ann']]],
    [{ signInWith: ['email'] }, [['email', 'ann@example.com']]],
    [
      { aliases: ['email', 'preferred_username'] },
      [
        ['username', 'ann'],
        ['email', 'ann@example.com'],
        ['preferred_username', 'annie'],
      ],
    ],
  ])('knows what nobody else may have: %j', (settings, unique) => {
    const one = user({ email: 'Ann@Example.com', preferred_username: 'Annie' }, { username: 'Ann' });
    expect(make(one, settings)).toMatchObject({ unique });
  });

  it('reserves no address that is not verified', () => {
    const one = user({ ...PHONE, email_verified: 'false' });
    const settings = { autoVerified: ['phone_number'], aliases: ['email', 'phone_number'] };
    expect(make(one, settings)).toMatchObject({
      unique: [
        ['username', 'ann'],
        ['phone_number', '+15550100'],
      ],
    });
  });

  it.each<[boolean, string, Record<string, string>, Partial<ImportSettings>]>([
    [true, SUB, {}, {}],
    [true, SUB.toUpperCase(), {}, { aliases: ['phone_number'] }],
    [true, SUB, { preferred_username: SUB }, { aliases: ['preferred_username'] }],
    [false, 'ann', {}, {}],
    [false, SUB, {}, { aliases: ['email'] }],
    [false, SUB, {}, { signInWith: ['email'] }],
    [false, SUB, { preferred_username: 'ann' }, { aliases: ['preferred_username'] }],
  ])('knows who has nothing but a UUID to sign in with: %s for %s', (expected, username, attributes, settings) => {
    const email = { email: 'ann@example.com' };
    expect(make(user({ ...email, ...attributes }, { username }), settings)).toMatchObject({ hasOnlyUuid: expected });
  });
});

describe('attributes that the new pool lacks', () => {
  it('are named, and the sub is none of them', () => {
    expect(make(user({ 'custom:a': '1', identities: '[]' }))).toMatchObject({ dropped: ['custom:a', 'identities'] });
  });
});
