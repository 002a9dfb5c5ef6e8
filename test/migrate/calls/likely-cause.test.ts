import { describe, expect, it } from 'vitest';
import { type CallPlace, DirectoryError, type DirectoryErrorKind } from '../../../src/directory/user-types.js';
import { isNoAnswer, isTimeout, likelyCause } from '../../../src/migrate/calls/likely-cause.js';

const AWS: CallPlace = {
  userPoolId: 'eu-west-9_Old',
  side: 'legacy',
  region: 'eu-west-9',
  profile: undefined,
  endpoint: undefined,
  address: 'https://cognito-idp.eu-west-9.amazonaws.com',
  answered: false,
  accepted: false,
};
const LOCAL = { ...AWS, side: 'new', endpoint: 'http://localhost:9229', address: 'http://localhost:9229' } as const;

function causeOf(
  kind: DirectoryErrorKind,
  exception: string,
  place: CallPlace | undefined,
  operation = 'DescribeUserPool',
) {
  const error = new DirectoryError(kind, operation, exception, `${operation} on eu-west-9_Old: ${exception}`);
  error.place = place;
  return likelyCause(error);
}

describe('the likely cause of a failed call', () => {
  it('is an address where nothing answers, and the option that gave it', () => {
    expect(causeOf('unavailable', 'ECONNREFUSED', LOCAL)).toEqual({
      message: 'nothing answers at http://localhost:9229 (ECONNREFUSED): is the endpoint right?',
      fix: 'Check --new-endpoint.',
    });
  });

  it.each([
    ['ENOTFOUND', 'the Region eu-west-9 has no host cognito-idp.eu-west-9.amazonaws.com'],
    ['EAI_AGAIN', 'the host cognito-idp.eu-west-9.amazonaws.com of the Region eu-west-9 cannot be looked up'],
  ])('is a Region whose host is not found (%s)', (exception, what) => {
    expect(causeOf('unavailable', exception, AWS)).toEqual({
      message: `${what} (${exception}): does the Region exist?`,
      fix: expect.stringMatching(/^Check --legacy-region and --legacy-pool\. .*network/),
    });
  });

  it('is the network where the host of a Region does not answer', () => {
    expect(causeOf('unavailable', 'TimeoutError', AWS)).toEqual({
      message: 'nothing answers at https://cognito-idp.eu-west-9.amazonaws.com (TimeoutError)',
      fix: expect.stringContaining('network of this machine'),
    });
  });

  it('is an address that is no URL, which no option can be: options are checked', () => {
    expect(causeOf('refused', 'ERR_INVALID_URL', { ...AWS, address: '' })).toEqual({
      message: 'an address in the environment or in the profile is not a URL',
      fix: expect.stringMatching(/^Check AWS_ENDPOINT_URL, .*endpoint_url of the profile\.$/),
    });
  });

  it('is where credentials come from, if no call was sent', () => {
    expect(causeOf('unavailable', 'ENOTFOUND', { ...AWS, address: '' })).toEqual({
      message: 'the credentials cannot be fetched: DescribeUserPool on eu-west-9_Old: ENOTFOUND',
      fix: expect.stringMatching(/^Check --legacy-region, --legacy-profile and --legacy-role-arn, and the network/),
    });
  });

  it('is not a mistyped address where something has answered before', () => {
    expect(causeOf('unavailable', 'ECONNREFUSED', { ...LOCAL, answered: true })).toEqual({
      message: 'nothing answers at http://localhost:9229 (ECONNREFUSED)',
      fix: undefined,
    });
  });

  it.each(['SyntaxError', 'Unknown'])('is something else than Cognito at this address (%s)', (exception) => {
    expect(causeOf('invalid', exception, LOCAL)).toMatchObject({
      message: 'http://localhost:9229 does not answer as Cognito does: is the endpoint right?',
    });
    expect(causeOf('invalid', exception, { ...LOCAL, answered: true })).toBeUndefined();
  });

  it.each([
    ['ECONNREFUSED', 'unavailable', 'nothing answers at http://10.0.0.1 (ECONNREFUSED): is the endpoint right?'],
    ['Unknown', 'invalid', 'http://10.0.0.1 does not answer as Cognito does: is the endpoint right?'],
  ] as const)('is an address that the environment named (%s)', (exception, kind, message) => {
    const fix = expect.stringMatching(/^Check AWS_ENDPOINT_URL, .*endpoint_url of the profile/);
    expect(causeOf(kind, exception, { ...AWS, address: 'http://10.0.0.1' })).toEqual({ message, fix });
  });

  it('is a pool that the account and the Region do not have', () => {
    expect(causeOf('refused', 'ResourceNotFoundException', { ...AWS, account: '123456789012' })).toEqual({
      message: 'pool eu-west-9_Old does not exist in account 123456789012, Region eu-west-9',
      fix: 'Check --legacy-pool, --legacy-profile and --legacy-region.',
    });
    expect(causeOf('refused', 'ResourceNotFoundException', AWS, 'ListUsers')?.message).toBe(
      'pool eu-west-9_Old does not exist in the account of these credentials, Region eu-west-9',
    );
    expect(causeOf('refused', 'ResourceNotFoundException', LOCAL)).toEqual({
      message: 'pool eu-west-9_Old does not exist at http://localhost:9229',
      fix: 'Check --new-pool, --new-endpoint and --new-profile.',
    });
  });

  it('is not the pool where something else in it is missing', () => {
    expect(causeOf('refused', 'ResourceNotFoundException', AWS, 'DescribeUserPoolClient')).toBeUndefined();
  });

  it('is a profile without credentials', () => {
    const fix = causeOf('credentials', 'CredentialsProviderError', { ...AWS, profile: 'nigth' })?.fix;
    expect(fix).toContain('Check --legacy-profile.');
    expect(fix).toContain('aws sso login --profile nigth');
    expect(causeOf('credentials', 'ExpiredTokenException', AWS)).toBeUndefined();
  });

  it('is that there are no credentials at all', () => {
    const cause = causeOf('credentials', 'CredentialsProviderError', AWS);
    expect(cause?.message).toContain('no AWS credentials were found');
    expect(cause?.fix).toContain('name a profile with --legacy-profile or AWS_PROFILE');
    const later = causeOf('credentials', 'CredentialsProviderError', { ...AWS, accepted: true });
    expect(later).toBeUndefined();
  });

  it('names no option where it is not known which pool it is', () => {
    expect(causeOf('unavailable', 'ECONNREFUSED', { ...LOCAL, side: undefined })?.fix).toBe('Check the endpoint.');
  });

  it('is not the address where credentials were fetched before', () => {
    expect(causeOf('unavailable', 'ENOTFOUND', { ...AWS, address: '', answered: true })).toBeUndefined();
  });

  it('is not the address of AWS, and no other refusal', () => {
    expect(causeOf('invalid', 'SyntaxError', AWS)).toBeUndefined();
    expect(causeOf('invalid', 'InvalidParameterException', LOCAL)).toBeUndefined();
  });

  it('names what is known of where a pool was looked for', () => {
    const messageAt = (place: CallPlace) => causeOf('refused', 'ResourceNotFoundException', place)?.message;
    expect(messageAt({ ...LOCAL, account: '123456789012' })).toBe(
      'pool eu-west-9_Old does not exist in account 123456789012, Region eu-west-9',
    );
    expect(messageAt({ ...AWS, region: undefined })).toBe(
      'pool eu-west-9_Old does not exist in the account of these credentials',
    );
  });

  it('is what the environment names, where only a part of the host is Cognito’s', () => {
    const address = 'https://proxy.cognito-idp.eu-west-9.example.com';
    expect(causeOf('unavailable', 'ECONNREFUSED', { ...AWS, address })?.fix).toContain('AWS_ENDPOINT_URL');
  });

  it('is the network where a host is not found and no Region is known', () => {
    expect(causeOf('unavailable', 'ENOTFOUND', { ...AWS, region: undefined })).toEqual({
      message: 'nothing answers at https://cognito-idp.eu-west-9.amazonaws.com (ENOTFOUND)',
      fix: expect.stringMatching(/^Check the network of this machine/),
    });
  });

  it('is unknown where the adapter does not say where it called', () => {
    expect(causeOf('unavailable', 'ECONNREFUSED', undefined)).toBeUndefined();
  });
});

describe('a call without an answer', () => {
  const error = (kind: DirectoryErrorKind, exception: string) =>
    new DirectoryError(kind, 'ListUsers', exception, 'failed');

  it.each([
    ['unavailable', 'ECONNRESET', true, false],
    ['unavailable', 'ETIMEDOUT', true, true],
    ['unavailable', 'TimeoutError', true, true],
    ['unavailable', 'NetworkingError', true, false],
    ['unavailable', 'InternalTimeoutError', false, false],
    ['unavailable', 'TimeoutErrorException', false, false],
    ['unavailable', 'InternalErrorException', false, false],
    ['invalid', 'TimeoutError', false, false],
  ] as const)('%s, %s: %s; in time: %s', (kind, exception, noAnswer, timeout) => {
    expect([isNoAnswer(error(kind, exception)), isTimeout(error(kind, exception))]).toEqual([noAnswer, timeout]);
  });
});
