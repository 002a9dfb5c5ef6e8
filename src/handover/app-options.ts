import { ConfigurationError } from '../errors.js';
import { checkBoolean, checkFunction, checkKeys, checkNumber, checkString, refuse } from '../options.js';
import { tokenFacts } from './legacy-token.js';

/** An app client without a secret, and where its pool's API is. */
export interface HandoverPool {
  /** The pool's AWS Region, such as `eu-west-1`. Needed where `endpoint` is not given. */
  readonly region?: string;
  /** The id of an app client without a secret: an app on a device cannot keep one. */
  readonly clientId: string;
  /**
   * The address of Cognito's API: `https:`, or `http:` on the loopback address for tests.
   * @defaultValue `https://cognito-idp.{region}.amazonaws.com/`
   */
  readonly endpoint?: string;
}

/** The legacy tokens after they were refreshed. */
export interface LegacyTokens {
  readonly accessToken: string;
  readonly idToken?: string;
  /** The one to keep: new where the app client rotates refresh tokens, otherwise the one that was handed in. */
  readonly refreshToken: string;
  /** Seconds until the access token expires, as the pool says. */
  readonly expiresIn?: number;
}

/** A session of the new pool. */
export interface NewSession {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken?: string;
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
  /** `Bearer` */
  readonly tokenType: string;
}

/** What a hand-over has brought. */
export interface HandoverResult extends NewSession {
  /** Whether the legacy session was revoked: only where `revoke` asked for it, and only if the legacy pool confirmed it. */
  readonly revoked: boolean;
  /** The legacy tokens where they were refreshed on the way and not revoked: store them in place of the old ones. */
  readonly legacyTokens?: LegacyTokens;
}

/** What is sent. The global `fetch` takes it. */
export interface HandoverRequest {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly redirect: 'error';
  readonly credentials: 'omit';
  readonly signal: AbortSignal;
}

/** The part of `fetch` that is used. */
export type HandoverFetch = (
  url: string,
  request: HandoverRequest,
) => Promise<{ readonly status: number; text(): Promise<string> }>;

/** Options of `handOver`. */
export interface HandoverOptions {
  /** The pool that the user moves to. Its app client has `ALLOW_CUSTOM_AUTH`. */
  readonly newPool: HandoverPool;
  /** The pool of the legacy session. Needed to refresh or revoke it. @defaultValue neither is done */
  readonly legacyPool?: HandoverPool;
  /** The user's name in the new pool, or an alias such as the e-mail address where the pool signs in with it. */
  readonly username: string;
  /** At least one of the two tokens. */
  readonly legacySession: {
    /** The legacy access token, not the ID token. It is used once: afterwards the new pool accepts it no more. */
    readonly accessToken?: string;
    /** With it and `legacyPool`, an access token that is missing, expired, or refused is replaced by a fresh one. */
    readonly refreshToken?: string;
    /** Of a pool that remembers devices. @defaultValue `device_key` in the access token */
    readonly deviceKey?: string;
  };
  /**
   * Whether to revoke the legacy refresh token once the new session is there. Needs `legacyPool`; without a refresh token nothing is
   * revoked, since the other call, GlobalSignOut, would end the user's sessions on all devices.
   * @defaultValue false
   */
  readonly revoke?: boolean;
  /**
   * Called as soon as the legacy tokens were refreshed, before they are used. Store them: with refresh token rotation, the old refresh token is worth
   * nothing from here on, and the app may be ended at any moment. If it fails, the hand-over ends with `ERR_HANDOVER_UNAVAILABLE`.
   */
  readonly onLegacyTokens?: (tokens: LegacyTokens) => unknown;
  /**
   * Called with the new session before anything is revoked. Store it. If it fails, nothing is revoked and the hand-over ends with
   * `ERR_HANDOVER_UNAVAILABLE`.
   */
  readonly onNewSession?: (session: NewSession) => unknown;
  /** @defaultValue the global `fetch` */
  readonly fetch?: HandoverFetch;
  /**
   * Milliseconds for the whole exchange, the callbacks included, from 1 to 150 000. Revoking may take 5 seconds more.
   * @defaultValue 20 000
   */
  readonly timeoutMs?: number;
  /** Ends the exchange early, with `ERR_HANDOVER_UNAVAILABLE`. */
  readonly signal?: AbortSignal;
}

/** The options, checked, with their defaults. */
export interface HandoverSettings {
  readonly newPool: PoolAddress;
  readonly legacyPool: PoolAddress | undefined;
  readonly username: string;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly deviceKey: string | undefined;
  readonly revoke: boolean;
  readonly onLegacyTokens: HandoverOptions['onLegacyTokens'];
  readonly onNewSession: HandoverOptions['onNewSession'];
  readonly fetch: HandoverFetch;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

interface PoolAddress {
  readonly endpoint: string;
  readonly clientId: string;
}

const KEYS = [
  'newPool',
  'legacyPool',
  'username',
  'legacySession',
  'revoke',
  'onLegacyTokens',
  'onNewSession',
  'fetch',
  'timeoutMs',
  'signal',
] as const satisfies readonly (keyof HandoverOptions)[];

const DEFAULT_TIMEOUT_MS = 20_000;
/** The `Session` between the two calls is valid for three minutes. */
const MAX_TIMEOUT_MS = 150_000;

/** @throws ConfigurationError */
export function readHandoverOptions(options: HandoverOptions): HandoverSettings {
  checkKeys('', options, KEYS);
  const legacyPool = options.legacyPool === undefined ? undefined : readPool('legacyPool', options.legacyPool);
  const newPool = readPool('newPool', options.newPool);
  if (legacyPool?.clientId === newPool.clientId) {
    throw new ConfigurationError(
      'legacyPool.clientId',
      'is the app client of newPool too; the two pools are swapped or the same',
    );
  }
  const revoke = checkBoolean('revoke', options.revoke, false);
  if (revoke && legacyPool === undefined) {
    throw new ConfigurationError('revoke', 'needs legacyPool, which says where the legacy session is revoked');
  }
  return {
    newPool,
    legacyPool,
    username: readUsername(options.username),
    ...readSession(options.legacySession, legacyPool !== undefined),
    revoke,
    onLegacyTokens: checkFunction('onLegacyTokens', options.onLegacyTokens),
    onNewSession: checkFunction('onNewSession', options.onNewSession),
    // Browsers refuse a fetch that is called as a method of something else.
    fetch: checkFunction('fetch', options.fetch) ?? ((url, request) => fetch(url, request)),
    timeoutMs: checkNumber('timeoutMs', options.timeoutMs, {
      min: 1,
      max: MAX_TIMEOUT_MS,
      fallback: DEFAULT_TIMEOUT_MS,
    }),
    signal: readSignal(options.signal),
  };
}

const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
/** Partitions whose addresses end otherwise. */
const OTHER_PARTITION = /^(?:cn|eusc|us-iso[a-z]*)-/;
/** No user name, no query; and not in clear text, except on this machine. */
const ENDPOINT = /^(?:https:\/\/[\w.:[\]-]+|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)(?:\/[\w./-]*)?$/;
const CLIENT_ID = /^[\w+]{1,128}$/;

function readPool(option: string, value: unknown): PoolAddress {
  if (typeof value === 'object' && value !== null && 'clientSecret' in value) {
    const advice =
      'Create an app client without a secret: what is in an app or a page can be read by everybody who has it.';
    throw new ConfigurationError(`${option}.clientSecret`, `app clients with a secret are not supported. ${advice}`);
  }
  const pool = checkKeys(option, value, ['region', 'clientId', 'endpoint']);
  const clientId = checkString(`${option}.clientId`, pool['clientId'], 'the id of an app client');
  if (!CLIENT_ID.test(clientId)) refuse(`${option}.clientId`, 'the id of an app client', clientId);
  const { region, endpoint } = pool;
  if (endpoint === undefined) return { clientId, endpoint: addressIn(option, region) };
  if (typeof endpoint !== 'string' || !ENDPOINT.test(endpoint)) {
    refuse(`${option}.endpoint`, 'an https: address without query, or http: on the loopback address', endpoint);
  }
  return { clientId, endpoint: endpoint.endsWith('/') ? endpoint : `${endpoint}/` };
}

function addressIn(option: string, region: unknown): string {
  if (typeof region !== 'string' || !REGION.test(region)) {
    refuse(`${option}.region`, "an AWS Region, such as 'eu-west-1'", region);
  }
  if (OTHER_PARTITION.test(region)) refuse(`${option}.endpoint`, "the address of Cognito's API there", undefined);
  return `https://cognito-idp.${region}.amazonaws.com/`;
}

function readUsername(value: unknown): string {
  // The value is a person's name: it is not shown.
  if (typeof value === 'string' && /^\S{1,128}$/u.test(value)) return value;
  const type = typeof value === 'string' ? 'another string' : typeof value;
  throw new ConfigurationError('username', `expected 1 to 128 characters without spaces, got ${type}`);
}

/** The three parts of a JWT. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const LONGEST_TOKEN = 32_768;

function readSession(value: unknown, canRefresh: boolean) {
  const session = checkKeys('legacySession', value, ['accessToken', 'refreshToken', 'deviceKey']);
  const accessToken = readToken('accessToken', session['accessToken']);
  const refreshToken = readToken('refreshToken', session['refreshToken']);
  if (accessToken === undefined && (refreshToken === undefined || !canRefresh)) {
    const expected = 'expected accessToken, or refreshToken together with the option legacyPool';
    throw new ConfigurationError('legacySession', expected);
  }
  const facts = accessToken === undefined ? {} : tokenFacts(accessToken);
  if (accessToken !== undefined && (!JWT.test(accessToken) || facts.tokenUse === 'id')) {
    const got = facts.tokenUse === 'id' ? 'an ID token' : 'another string';
    throw new ConfigurationError('legacySession.accessToken', `expected an access token, got ${got}`);
  }
  return { accessToken, refreshToken, deviceKey: readToken('deviceKey', session['deviceKey']) ?? facts.deviceKey };
}

/** A token is never shown. */
function readToken(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST_TOKEN) return value;
  const got = typeof value === 'string' ? 'a string of another length' : typeof value;
  throw new ConfigurationError(`legacySession.${name}`, `expected a non-empty string, got ${got}`);
}

function readSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
  return isSignal ? (value as AbortSignal) : refuse('signal', 'an AbortSignal', value);
}
