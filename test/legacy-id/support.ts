import type { LegacyIdQuery } from '../../src/legacy-id/resolver.js';

/** A query as the verifier makes it; `over` changes parts of it. */
export function queryOf(over: Partial<LegacyIdQuery> = {}): LegacyIdQuery {
  return {
    sub: '11111111-1111-4111-8111-111111111111',
    username: 'jo',
    userPoolId: 'eu-west-1_New',
    clientId: 'client',
    tokenUse: 'access',
    scopes: ['aws.cognito.signin.user.admin'],
    token: 'header.payload.signature',
    signal: new AbortController().signal,
    ...over,
  };
}

/** A promise settled from outside. */
export function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
