import { isPlainObject, parseJson } from '../../../options.js';
import { poolOfIssuer } from '../../../verify/explain/untrusted-issuer.js';

/**
 * What a token says about itself, verified or not. Of claims that may be secret or personal only the names are kept: no e-mail,
 * phone number or username, and no signature. The `sub` is an identifier, and what people look for.
 */
export interface TokenFacts {
  readonly algorithm: string | undefined;
  readonly keyId: string | undefined;
  readonly issuer: string | undefined;
  /** Of the pool that `issuer` names, where it is one of Cognito's. */
  readonly userPoolId: string | undefined;
  readonly region: string | undefined;
  readonly tokenUse: string | undefined;
  readonly clientId: string | undefined;
  readonly sub: string | undefined;
  /** The APIs that an access token is for. */
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  /** Seconds since the epoch, like the other times. */
  readonly issuedAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly expiresAt: number | undefined;
  readonly signedInAt: number | undefined;
  /** The names of all claims. */
  readonly claims: readonly string[];
}

export function tokenFacts(token: string): TokenFacts {
  const [header = {}, payload = {}] = token.split('.').slice(0, 2).map(decoded);
  const issuer = text(payload['iss']);
  const pool = issuer === undefined ? undefined : poolOfIssuer(issuer);
  const tokenUse = text(payload['token_use']);
  return {
    algorithm: text(header['alg']),
    keyId: text(header['kid']),
    issuer,
    userPoolId: pool?.userPoolId,
    region: pool?.region,
    tokenUse,
    clientId: text(payload[tokenUse === 'id' ? 'aud' : 'client_id']),
    sub: text(payload['sub']),
    audience: tokenUse === 'id' ? [] : texts(payload['aud']),
    scopes: (text(payload['scope']) ?? '').split(' ').filter((scope) => scope !== ''),
    groups: texts(payload['cognito:groups']),
    issuedAt: time(payload['iat']),
    notBefore: time(payload['nbf']),
    expiresAt: time(payload['exp']),
    signedInAt: time(payload['auth_time']),
    claims: Object.keys(payload).sort(),
  };
}

/** A part of the token; empty where it is not a JSON object, as in an encrypted token. */
function decoded(part: string): Readonly<Record<string, unknown>> {
  const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'));
  return isPlainObject(value) ? value : {};
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
/** Times that a Date can hold. */
const time = (value: unknown): number | undefined =>
  typeof value === 'number' && Math.abs(value) <= 8.64e12 ? value : undefined;
