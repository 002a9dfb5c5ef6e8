import { sign as signBytes } from 'node:crypto';
import type { JsonWebKeySet, PoolOptions } from '../verify/types.js';
import { JwksServer, type OutageMode } from './jwks-server.js';
import { giveBack, newSigningKey, newSigningKeySync, type SigningKey } from './signing-keys.js';
import {
  type AccessTokenInput,
  accessTokenClaims,
  type IdTokenInput,
  type Issuing,
  idTokenClaims,
  type MachineTokenInput,
  machineTokenClaims,
} from './token-claims.js';

/** Header or payload of a token: an object to be serialised as JSON, or the text or bytes themselves. */
export type RawTokenPart = object | string | Uint8Array;

/** A user pool that exists in this process only, with keys of its own. */
export interface TestPool {
  /** Shaped like Cognito's: `eu-west-1_` and nine letters and digits. */
  readonly userPoolId: string;
  /** The `iss` of its tokens: `https://cognito-idp.eu-west-1.amazonaws.com/{userPoolId}`. */
  readonly issuer: string;
  /** Where its keys are on loopback. Absent when the pool is not served. */
  readonly jwksUri?: string;
  /** Its app client, shaped like Cognito's. */
  readonly clientId: string;
  /**
   * The options with which a verifier accepts this pool's tokens: for `legacyPool` or `newPool` of `createCutoverVerifier`.
   * Where the pool is not served, they contain the keys at the time of reading.
   */
  readonly options: PoolOptions;
  /** The `kid`s that sign ID and access tokens at present. Cognito uses one key for each. */
  readonly kids: { readonly id: string; readonly access: string };
  /**
   * An ID token as Cognito shapes it, valid for an hour, of a random user unless `claims` says who. `claims` replaces or
   * adds claims; `undefined` leaves one out.
   */
  idToken(claims?: IdTokenInput): string;
  /** An access token of a user, in the same way. It has no attributes, and no legacy id unless `claims` has one. */
  accessToken(claims?: AccessTokenInput): string;
  /** An access token of the app client itself (client credentials): `sub` equals `client_id`, no username. */
  machineToken(claims?: MachineTokenInput): string;
  /**
   * Signs anything, for tokens that Cognito would never issue. Nothing is added: a header without `kid` has none. The key is
   * the one that the header's `kid` names, even after it was rotated out, otherwise that of access tokens.
   */
  sign(header: RawTokenPart, payload: RawTokenPart): string;
  /** The key set as published now. */
  jwks(): JsonWebKeySet;
  /**
   * Signs with new keys from now on.
   * @param options `keepOld` (default true): whether the earlier keys stay published, so that their tokens stay valid
   */
  rotateKeys(options?: { readonly keepOld?: boolean }): void;
  /**
   * Makes the JWKS endpoint fail, or work again.
   * @throws TypeError when the pool is not served; ConfigurationError when there is no such mode
   */
  outage(mode: OutageMode): void;
  /** How often the key set was requested, failed requests included. Stays 0 when the pool is not served. */
  readonly fetches: number;
}

export interface PoolInit {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly serve: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface KeyPairs {
  readonly id: SigningKey;
  readonly access: SigningKey;
}

export class LocalPool implements TestPool {
  readonly userPoolId: string;
  readonly issuer: string;
  readonly clientId: string;
  jwksUri?: string;
  readonly #now: () => number;
  readonly #owned = new Map<string, SigningKey>();
  #current: KeyPairs;
  #published: readonly SigningKey[] = [];
  #server: JwksServer | undefined;
  #closed = false;

  private constructor(init: PoolInit, keys: KeyPairs) {
    this.userPoolId = init.userPoolId;
    this.issuer = `https://cognito-idp.${init.userPoolId.split('_')[0]}.amazonaws.com/${init.userPoolId}`;
    this.clientId = init.clientId;
    this.#now = init.now;
    this.#current = keys;
    this.#use(keys, true);
  }

  static async create(init: PoolInit): Promise<LocalPool> {
    const [id, access] = await Promise.all([newSigningKey(), newSigningKey()]);
    const pool = new LocalPool(init, { id, access });
    if (init.serve) {
      pool.#server = await JwksServer.start(`/${init.userPoolId}/.well-known/jwks.json`, () => pool.jwks());
      pool.jwksUri = pool.#server.uri;
    }
    return pool;
  }

  get options(): PoolOptions {
    const keys = this.#server === undefined ? { jwks: this.jwks() } : { jwksUri: this.#server.uri };
    return { userPoolId: this.userPoolId, clientIds: [this.clientId], ...keys };
  }

  get kids(): { readonly id: string; readonly access: string } {
    return { id: this.#current.id.kid, access: this.#current.access.kid };
  }

  idToken(claims: IdTokenInput = {}): string {
    return this.#mint(this.#current.id, idTokenClaims(this.#issuing(), claims));
  }

  accessToken(claims: AccessTokenInput = {}): string {
    return this.#mint(this.#current.access, accessTokenClaims(this.#issuing(), claims));
  }

  machineToken(claims: MachineTokenInput = {}): string {
    return this.#mint(this.#current.access, machineTokenClaims(this.#issuing(), claims));
  }

  sign(header: RawTokenPart, payload: RawTokenPart): string {
    // Another pool may use the keys by now.
    if (this.#closed) throw new Error('This test pool is closed: it signs no more tokens.');
    const kid = typeof header === 'object' && 'kid' in header ? header.kid : undefined;
    const key = (typeof kid === 'string' && this.#owned.get(kid)) || this.#current.access;
    const input = `${encode(header)}.${encode(payload)}`;
    return `${input}.${signBytes('RSA-SHA256', Buffer.from(input), key.privateKey).toString('base64url')}`;
  }

  jwks(): JsonWebKeySet {
    return { keys: this.#published.map((key) => ({ ...key.jwk })) };
  }

  rotateKeys({ keepOld = true }: { readonly keepOld?: boolean } = {}): void {
    this.#use({ id: newSigningKeySync(), access: newSigningKeySync() }, keepOld);
  }

  outage(mode: OutageMode): void {
    if (this.#server === undefined) throw new TypeError('outage: this pool is not served; create it with serve: true');
    this.#server.outage(mode);
  }

  get fetches(): number {
    return this.#server?.fetches ?? 0;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#server?.close();
    giveBack(this.#owned.values());
  }

  #use(keys: KeyPairs, keepOld: boolean): void {
    this.#current = keys;
    this.#published = [keys.id, keys.access, ...(keepOld ? this.#published : [])];
    for (const key of [keys.id, keys.access]) this.#owned.set(key.kid, key);
  }

  #issuing(): Issuing {
    return { issuer: this.issuer, clientId: this.clientId, now: Math.floor(this.#now() / 1000) };
  }

  #mint(key: SigningKey, claims: Record<string, unknown>): string {
    return this.sign({ kid: key.kid, alg: 'RS256' }, claims);
  }
}

function encode(part: RawTokenPart): string {
  const bytes =
    part instanceof Uint8Array ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part), 'utf8');
  return Buffer.from(bytes).toString('base64url');
}
