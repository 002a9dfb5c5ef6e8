import type { LegacyTokens } from './app-options.js';

/** What each code says. Nothing of it comes from an answer of Cognito, a token or a user. */
const SENTENCES = {
  ERR_HANDOVER_REFUSED: 'The new pool does not accept this legacy session; the user has to sign in',
  ERR_HANDOVER_UNAVAILABLE: 'The hand-over is currently unavailable; the legacy session still works, try again later',
  ERR_HANDOVER_CHALLENGE: 'The new pool asks for one more step before it gives a session',
  ERR_HANDOVER_NOT_ENABLED:
    'The hand-over is not enabled: the app client needs ALLOW_CUSTOM_AUTH and no secret, and the pool the three triggers',
  ERR_LEGACY_SESSION_ENDED: 'The legacy session has ended; the user has to sign in',
} as const;

/** Every reason for which there is no new session. Closed: a `switch` over it can be exhaustive. */
export type HandoverErrorCode = keyof typeof SENTENCES;

export interface HandoverErrorDetails {
  /** What happened, in words of this package, for logs. */
  readonly detail?: string;
  readonly cause?: unknown;
  readonly challenge?: string;
  readonly session?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

const HELP = 'https://github.com/cognito-cutover/cognito-cutover/blob/main/docs/session-handover.md';
const brand = Symbol.for('cognito-cutover.HandoverError');

/**
 * Why there is no new session. `message` holds no text of tokens, users or answers, so it is safe to log. What is secret is not
 * enumerable, so that no serialiser sends it to a log.
 */
export class HandoverError extends Error {
  override readonly name = 'HandoverError';
  readonly code: HandoverErrorCode;
  /** With `ERR_HANDOVER_CHALLENGE`: the name of the step that the new pool asks for, such as `SMS_MFA`. */
  declare readonly challenge?: string;
  /** With `ERR_HANDOVER_CHALLENGE`: the `Session` for the next RespondToAuthChallenge. Secret; valid for 3 minutes unless the client says otherwise. */
  declare readonly session?: string;
  /** With `ERR_HANDOVER_CHALLENGE`: its `ChallengeParameters`. */
  declare readonly parameters?: Readonly<Record<string, string>>;
  /**
   * The legacy tokens after they were refreshed on the way: store them in place of the old ones, since an app client with refresh token
   * rotation no longer accepts those. Absent where nothing was refreshed.
   */
  declare readonly legacyTokens?: LegacyTokens;

  constructor(code: HandoverErrorCode, { detail, cause, challenge, session, parameters }: HandoverErrorDetails = {}) {
    super(
      detail === undefined ? `${SENTENCES[code]}.` : `${SENTENCES[code]} (${detail}).`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    if (challenge !== undefined) this.challenge = challenge;
    for (const [name, value] of Object.entries({ session, parameters })) {
      if (value !== undefined) Object.defineProperty(this, name, { value });
    }
  }

  /** The address of the section about this code: what it means and what to do. */
  get help(): string {
    return `${HELP}#${this.code.toLowerCase()}`;
  }

  /** True for errors of both the ESM and the CommonJS build, which may be loaded in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
Object.defineProperty(HandoverError.prototype, brand, { value: true });

/** The error with the legacy tokens that would otherwise be lost with it. */
export function carrying(error: HandoverError, legacyTokens: LegacyTokens | undefined): HandoverError {
  if (legacyTokens !== undefined) Object.defineProperty(error, 'legacyTokens', { value: legacyTokens });
  return error;
}
