import { describe, expect, it } from 'vitest';
import { toDirectoryError } from '../../src/directory/failures.js';
import { DirectoryError } from '../../src/directory/user-types.js';

const aws = (name: string, httpStatusCode: number, more = {}) =>
  Object.assign(new Error('details'), { name, $metadata: { httpStatusCode, ...more } });
const network = (code: string) => Object.assign(new Error('details'), { code });

describe('what the SDK throws is sorted by what to do about it', () => {
  it.each([
    ['throttled', aws('TooManyRequestsException', 400)],
    ['throttled', aws('ThrottlingException', 400)],
    ['throttled', aws('SomethingNew', 429)],
    ['unavailable', aws('InternalErrorException', 500)],
    ['unavailable', aws('Unknown', 503)],
    ['unavailable', network('ECONNRESET')],
    ['unavailable', network('EAI_AGAIN')],
    ['unavailable', Object.assign(new Error('slow'), { name: 'TimeoutError' })],
    ['unavailable', aws('InvalidSignatureException', 400, { clockSkewCorrected: true })],
    ['credentials', aws('InvalidSignatureException', 400)],
    ['credentials', aws('AccessDeniedException', 400)],
    ['credentials', aws('ExpiredTokenException', 400)],
    ['credentials', Object.assign(new Error('none'), { name: 'CredentialsProviderError' })],
    ['credentials', Object.assign(new TypeError('Invalid character in header'), { code: 'ERR_INVALID_CHAR' })],
    ['credentials', new Error('Region is missing')],
    ['user-not-found', aws('UserNotFoundException', 400)],
    ['invalid', aws('InvalidParameterException', 400)],
    ['invalid', aws('NotAuthorizedException', 400)],
    ['refused', aws('ResourceNotFoundException', 400)],
    ['refused', aws('OperationNotEnabledException', 400)],
    ['refused', aws('LimitExceededException', 400)],
    ['refused', aws('Unsupported', 500)],
    ['refused', aws('NotImplemented', 501)],
    ['refused', network('CERT_HAS_EXPIRED')],
    ['refused', Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' })],
    ['refused', new TypeError('a mistake of ours')],
    ['refused', 'not even an error'],
    ['answer', Object.assign(new SyntaxError('JSON'), { $metadata: { httpStatusCode: 200 } })],
    ['answer', Object.assign(new TypeError('Expected a number'), { $metadata: { httpStatusCode: 200 } })],
  ])('%s: %s', (kind, thrown) => {
    expect(toDirectoryError('ListUsers', 'pool', thrown)).toMatchObject({
      kind,
      operation: 'ListUsers',
      cause: thrown,
    });
  });

  it('a refused parameter of a call with a page token is the token’s fault', () => {
    const thrown = aws('InvalidParameterException', 400);
    expect(toDirectoryError('ListUsers', 'pool', thrown, { withToken: true }).kind).toBe('token');
  });

  it('the message names pool, call and exception, and AWS’s words unless they may be about a user', () => {
    const thrown = aws('InvalidParameterException', 400);
    expect(toDirectoryError('ListUsers', 'pool', thrown).message).toBe(
      'ListUsers on pool: InvalidParameterException: details',
    );
    expect(toDirectoryError('AdminGetUser', 'pool', thrown, { aboutUser: true }).message).toBe(
      'AdminGetUser on pool: InvalidParameterException',
    );
  });

  it.each([
    Object.assign(new SyntaxError('Unexpected token: ann@example.com'), { $metadata: { httpStatusCode: 200 } }),
    Object.assign(new TypeError('Expected a number, got ann@example.com'), { $metadata: { httpStatusCode: 200 } }),
    aws('ann@example.com', 400),
  ])('the message repeats nothing of an answer that cannot be read: %s', (thrown) => {
    expect(toDirectoryError('ListUsers', 'pool', thrown).message).not.toContain('ann@');
    expect(toDirectoryError('ListUsers', 'pool', thrown).exception).not.toContain('ann@');
  });

  it('the message has the status of a failure that says nothing else', () => {
    const thrown = Object.assign(new Error('UnknownError'), { name: 'Unknown', $metadata: { httpStatusCode: 431 } });
    expect(toDirectoryError('ListUsers', 'pool', thrown).message).toBe('ListUsers on pool: Unknown: HTTP 431');
  });

  it('what is sorted already stays as it is', () => {
    const sorted = new DirectoryError('answer', 'ListUsers', 'UnexpectedAnswer', 'odd');
    expect(toDirectoryError('ListUsers', 'pool', sorted)).toBe(sorted);
  });
});
