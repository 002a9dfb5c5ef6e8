import { isPlainObject } from '../options.js';
import type { HandoverSettings, LegacyTokens } from './app-options.js';
import { CallFailure, type CognitoException, callCognito } from './cognito-call.js';
import { HandoverError } from './handover-error.js';
import { tokenFacts } from './legacy-token.js';
import { expiresInOf, textOf } from './new-session.js';

/** How long before its end an access token is replaced, so that it outlives the exchange. */
const MARGIN_MS = 60_000;

/** The session that is handed over. */
export class LegacySession {
  readonly #settings: HandoverSettings;
  readonly #signal: AbortSignal;
  #accessToken: string | undefined;
  #tokens: LegacyTokens | undefined;

  constructor(settings: HandoverSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
    this.#accessToken = settings.accessToken;
  }

  /** The tokens after a refresh; `undefined` where there was none. */
  get tokens(): LegacyTokens | undefined {
    return this.#tokens;
  }

  /** Whether the access token can be replaced: once, so that an app whose session is refused does not go in circles. */
  get canRefresh(): boolean {
    const { legacyPool, refreshToken } = this.#settings;
    return legacyPool !== undefined && refreshToken !== undefined && this.#tokens === undefined;
  }

  /** Whether the access token is missing, has expired or will soon, by the clock of this device, which may be wrong. */
  get endsSoon(): boolean {
    return this.#accessToken === undefined || this.#endsWithin(MARGIN_MS);
  }

  /** Whether the access token has expired, by the same clock: never one that was just issued, whatever that clock says. */
  get isOver(): boolean {
    return this.#tokens === undefined && this.#endsWithin(0);
  }

  #endsWithin(ms: number): boolean {
    const { expiresAt } = tokenFacts(this.#accessToken ?? '');
    return expiresAt !== undefined && expiresAt * 1_000 - Date.now() < ms;
  }

  /** @throws HandoverError ERR_LEGACY_SESSION_ENDED where there is none */
  accessToken(): string {
    if (this.#accessToken === undefined) throw new HandoverError('ERR_LEGACY_SESSION_ENDED');
    return this.#accessToken;
  }

  /** @throws HandoverError */
  async refresh(): Promise<void> {
    const { refreshToken = '', onLegacyTokens } = this.#settings;
    let answer: Record<string, unknown>;
    try {
      answer = await this.#askForTokens(refreshToken);
    } catch (error) {
      throw refreshError(error);
    }
    const result = isPlainObject(answer['AuthenticationResult']) ? answer['AuthenticationResult'] : {};
    const accessToken = textOf(result['AccessToken']);
    const idToken = textOf(result['IdToken']);
    const expiresIn = expiresInOf(result['ExpiresIn']);
    const rotated = textOf(result['RefreshToken']);
    if (accessToken === undefined) {
      throw new HandoverError('ERR_HANDOVER_UNAVAILABLE', {
        detail: 'the legacy pool answered without an access token',
      });
    }
    this.#tokens = {
      accessToken,
      refreshToken: rotated ?? refreshToken,
      ...(idToken !== undefined && { idToken }),
      ...(expiresIn !== undefined && { expiresIn }),
    };
    this.#accessToken = accessToken;
    try {
      await onLegacyTokens?.(this.#tokens);
    } catch (cause) {
      throw new HandoverError('ERR_HANDOVER_UNAVAILABLE', { detail: 'onLegacyTokens failed', cause });
    }
  }

  /** Whether the legacy pool confirmed that the refresh token, and what was issued for it, is revoked. */
  async revoke(signal: AbortSignal): Promise<boolean> {
    const { legacyPool, fetch, refreshToken } = this.#settings;
    const token = this.#tokens?.refreshToken ?? refreshToken;
    if (legacyPool === undefined || token === undefined) return false;
    const input = { ClientId: legacyPool.clientId, Token: token };
    return callCognito({ fetch, signal }, legacyPool.endpoint, 'RevokeToken', input).then(
      () => true,
      () => false,
    );
  }

  /**
   * GetTokensFromRefreshToken serves app clients with and without refresh token rotation. InitiateAuth is refused by those with
   * rotation, but some refresh tokens, and emulators, know only that.
   */
  async #askForTokens(refreshToken: string): Promise<Record<string, unknown>> {
    const { legacyPool, fetch, deviceKey } = this.#settings;
    const { endpoint = '', clientId = '' } = legacyPool ?? {};
    const request = { fetch, signal: this.#signal };
    try {
      return await callCognito(request, endpoint, 'GetTokensFromRefreshToken', {
        ClientId: clientId,
        RefreshToken: refreshToken,
        ...(deviceKey !== undefined && { DeviceKey: deviceKey }),
      });
    } catch (error) {
      if (!(error instanceof CallFailure) || !TRY_INITIATE_AUTH.has(error.exception)) throw error;
      return await callCognito(request, endpoint, 'InitiateAuth', {
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId: clientId,
        AuthParameters: { REFRESH_TOKEN: refreshToken, ...(deviceKey !== undefined && { DEVICE_KEY: deviceKey }) },
      });
    }
  }
}

const TRY_INITIATE_AUTH: ReadonlySet<CognitoException | undefined> = new Set([
  'InvalidParameterException',
  'NotAuthorizedException',
  'UnknownOperationException',
  'UnsupportedOperationException',
]);

/** After these there is nothing to be had with this refresh token any more. */
const ENDED: ReadonlySet<CognitoException | undefined> = new Set([
  'InvalidParameterException',
  'NotAuthorizedException',
  'PasswordResetRequiredException',
  'RefreshTokenReuseException',
  'UserNotConfirmedException',
  'UserNotFoundException',
]);

function refreshError(error: unknown): HandoverError {
  const { exception, needsSecret, message } = error as CallFailure;
  const details = { detail: `legacy pool: ${message}`, cause: error };
  if (needsSecret || exception === 'ResourceNotFoundException') {
    return new HandoverError('ERR_HANDOVER_NOT_ENABLED', { ...details, detail: `legacyPool.clientId: ${message}` });
  }
  return new HandoverError(ENDED.has(exception) ? 'ERR_LEGACY_SESSION_ENDED' : 'ERR_HANDOVER_UNAVAILABLE', details);
}
