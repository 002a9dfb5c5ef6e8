import { describe, expect, it } from 'vitest';
import { DirectoryError, type DirectoryErrorKind, isExpiry, unless } from '../../src/directory/user-types.js';

const failure = (kind: DirectoryErrorKind, exception: string) =>
  new DirectoryError(kind, 'DescribeUserPool', exception, exception);

describe('credentials that somebody may renew', () => {
  it.each([
    [failure('credentials', 'ExpiredTokenException'), true],
    [failure('credentials', 'CredentialsProviderError'), true],
    [failure('credentials', 'AccessDeniedException'), false],
    [failure('refused', 'ExpiredTokenException'), false],
    [new Error('ExpiredTokenException'), false],
  ])('%s: %s', (error, expected) => {
    expect(isExpiry(error)).toBe(expected);
  });
});

describe('the answer of a call', () => {
  it('is undefined after the exception named, and after no other', async () => {
    const gone = failure('refused', 'ResourceNotFoundException');
    expect(await unless('ResourceNotFoundException', Promise.resolve(1))).toBe(1);
    expect(await unless('ResourceNotFoundException', Promise.reject(gone))).toBeUndefined();
    await expect(unless('InvalidParameterException', Promise.reject(gone))).rejects.toBe(gone);
    const other = Object.assign(new Error('x'), { exception: 'ResourceNotFoundException' });
    await expect(unless('ResourceNotFoundException', Promise.reject(other))).rejects.toBe(other);
  });
});
