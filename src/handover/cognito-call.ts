import { isPlainObject, parseJson } from '../options.js';
import type { HandoverFetch } from './app-options.js';

/** The exceptions that decide something here. Any other is a fault that may pass. */
const EXCEPTIONS = [
  'CodeMismatchException',
  'ExpiredCodeException',
  'InvalidParameterException',
  'NotAuthorizedException',
  'PasswordResetRequiredException',
  'RefreshTokenReuseException',
  'ResourceNotFoundException',
  'TooManyRequestsException',
  'UnknownOperationException',
  'UnsupportedOperationException',
  'UserLambdaValidationException',
  'UserNotConfirmedException',
  'UserNotFoundException',
] as const;
export type CognitoException = (typeof EXCEPTIONS)[number];

type Operation = 'InitiateAuth' | 'RespondToAuthChallenge' | 'GetTokensFromRefreshToken' | 'RevokeToken';

/** A call that did not succeed. The message names the operation and an exception of the list above, and nothing else of the answer. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly exception: CognitoException | undefined;
  /** Whether the app client has a secret, without which it refuses everything. */
  readonly needsSecret: boolean;

  constructor(
    message: string,
    {
      exception,
      needsSecret = false,
      cause,
    }: { exception?: CognitoException; needsSecret?: boolean; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.exception = exception;
    this.needsSecret = needsSecret;
  }
}

/** Much more than three tokens need. */
const MAX_ANSWER_LENGTH = 262_144;

/** One unsigned call of Cognito's API, as apps make them. @throws CallFailure */
export async function callCognito(
  { fetch, signal }: { readonly fetch: HandoverFetch; readonly signal: AbortSignal },
  endpoint: string,
  operation: Operation,
  input: object,
): Promise<Record<string, unknown>> {
  let status: number;
  let text: string;
  try {
    // Not every fetch looks at the signal, and a token must not be used after the caller was told that it was not.
    if (signal.aborted) throw new CallFailure('aborted');
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(input),
      // A network that sends people to a sign-in page of its own must not be sent the token.
      redirect: 'error',
      credentials: 'omit',
      signal,
    });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    throw new CallFailure(`${operation}: no answer`, { cause });
  }
  const content = typeof text === 'string' && text.length <= MAX_ANSWER_LENGTH ? contentOf(operation, text) : undefined;
  if (!isPlainObject(content)) throw new CallFailure(`${operation}: the answer is not from Cognito`);
  if (status === 200) return content;
  const exception = status >= 400 && status < 500 ? exceptionOf(content['__type']) : undefined;
  const needsSecret = exception === 'NotAuthorizedException' && `${content['message']}`.includes('SECRET_HASH');
  throw new CallFailure(`${operation}: ${exception ?? `status ${Number(status)}`}`, {
    ...(exception !== undefined && { exception }),
    needsSecret,
  });
}

/** AWS documents an empty body where there is nothing to say. Elsewhere it is not Cognito that answers so. */
const contentOf = (operation: Operation, text: string): unknown =>
  operation === 'RevokeToken' && text === '' ? {} : parseJson(text);

/** Some endpoints put a namespace before the name. */
function exceptionOf(type: unknown): CognitoException | undefined {
  const name = typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : '';
  return EXCEPTIONS.find((known) => known === name);
}
