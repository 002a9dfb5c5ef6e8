import { isLambda } from '../aws-lambda.js';
import { stopwatch, systemClock } from '../clock.js';
import type { LegacyIdResolver } from '../legacy-id/resolver.js';
import type { EventListener } from '../operate/events.js';
import { insideOf, type LegacyTokenPhases, type LegacyWindow } from '../operate/phases/legacy-window.js';
import { checkDate, checkFunction, checkKeys, checkNumber, checkOneOf, checkString, refuse } from '../options.js';
import { disregard } from '../thenable.js';
import { DEFAULT_ACCESS_TOKEN_CLAIM, DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';
import { unknownEnd } from './claims.js';
import { checkLegacyIdFormat, type MappingPolicy } from './identity.js';
import { fetchJwks } from './jwks-fetch.js';
import type { KeyClock, KeySettings } from './keys.js';
import { checkPools, type Pool, TOKEN_USES } from './pool-options.js';
import type { RevocationCheck } from './revocation.js';
import type { KeyOptions, LegacyIdOptions, LegacyTokenOptions, TokenUse, VerifierOptions } from './types.js';

/** {@link VerifierOptions}, checked, with every default filled in. The only place that knows the defaults. */
export interface VerifierSettings {
  readonly pools: readonly Pool[];
  readonly tokenUse: TokenUse;
  readonly mapping: MappingPolicy;
  readonly resolve: LegacyIdResolver | undefined;
  readonly resolveTimeoutMs: number;
  readonly resolvedSeconds: number;
  readonly legacyWindow: LegacyWindow;
  readonly phases: LegacyTokenPhases | undefined;
  readonly isRevoked: RevocationCheck | undefined;
  readonly toleranceSeconds: number;
  /** 0: no cache. */
  readonly maxTokens: number;
  readonly keys: KeySettings;
  readonly clock: KeyClock;
  readonly onEvent: EventListener | undefined;
}

export const VERIFIER_OPTIONS = [
  'legacyPool',
  'newPool',
  'tokenUse',
  'legacyId',
  'legacyTokens',
  'isRevoked',
  'clockToleranceSeconds',
  'cache',
  'keys',
  'clock',
  'onEvent',
] as const;

/** @throws {@link ConfigurationError} naming the option, what is expected and what came */
export function checkVerifierOptions(given: VerifierOptions): VerifierSettings {
  checkKeys('', given, VERIFIER_OPTIONS);
  const tokenUse = checkOneOf('tokenUse', given.tokenUse, TOKEN_USES);
  const legacyId = checkLegacyId(given.legacyId);
  return {
    pools: checkPools(given.legacyPool, given.newPool, tokenUse),
    tokenUse,
    ...legacyId,
    ...checkLegacyTokens(given.legacyTokens),
    isRevoked: checkFunction('isRevoked', given.isRevoked),
    toleranceSeconds: checkClockTolerance(given.clockToleranceSeconds),
    maxTokens: checkCache(given.cache),
    keys: checkKeyOptions(given.keys),
    clock: checkClock(given.clock),
    onEvent: checkFunction('onEvent', given.onEvent),
  };
}

export function checkClockTolerance(value: number | undefined): number {
  return checkNumber('clockToleranceSeconds', value, { min: 0, max: 300, fallback: 5 });
}

function checkLegacyId(
  given: LegacyIdOptions = {},
): Pick<VerifierSettings, 'mapping' | 'resolve' | 'resolveTimeoutMs' | 'resolvedSeconds'> {
  checkKeys('legacyId', given, [
    'idTokenClaim',
    'accessTokenClaim',
    'format',
    'resolve',
    'resolveTimeoutMs',
    'resolvedSeconds',
    'onMissing',
  ]);
  const claim = (option: string, value: string | undefined, fallback: string) =>
    value === undefined ? fallback : checkString(option, value, 'the name of a claim');
  return {
    mapping: {
      idTokenClaim: claim('legacyId.idTokenClaim', given.idTokenClaim, DEFAULT_ATTRIBUTE),
      accessTokenClaim: claim('legacyId.accessTokenClaim', given.accessTokenClaim, DEFAULT_ACCESS_TOKEN_CLAIM),
      readLegacyId: checkLegacyIdFormat('legacyId.format', given.format),
      onMissing: checkOneOf('legacyId.onMissing', given.onMissing, ['reject', 'own-sub'], 'reject'),
    },
    resolve: checkFunction('legacyId.resolve', given.resolve),
    resolveTimeoutMs: checkNumber('legacyId.resolveTimeoutMs', given.resolveTimeoutMs, {
      min: 1,
      max: 60_000,
      fallback: 3_000,
    }),
    resolvedSeconds: checkNumber('legacyId.resolvedSeconds', given.resolvedSeconds, {
      min: 0,
      max: 86_400,
      fallback: 300,
    }),
  };
}

function checkLegacyTokens(
  given: LegacyTokenOptions | LegacyTokenPhases = {},
): Pick<VerifierSettings, 'legacyWindow' | 'phases'> {
  const inside = insideOf(given);
  if (inside !== undefined) return { legacyWindow: inside.window, phases: given as LegacyTokenPhases };
  const options: LegacyTokenOptions = checkKeys('legacyTokens', given, ['acceptUntil', 'acceptSignInsBefore']);
  const acceptUntil = checkLimit('legacyTokens.acceptUntil', options.acceptUntil);
  const acceptSignInsBefore = checkLimit('legacyTokens.acceptSignInsBefore', options.acceptSignInsBefore);
  const settle = async () => {};
  const legacyWindow = {
    usable: () => true,
    settle,
    ready: settle,
    acceptUntil,
    acceptSignInsBefore,
    unknown: unknownEnd,
  };
  return { legacyWindow, phases: undefined };
}

function checkLimit(option: string, given: Date | (() => Date) | undefined): () => number {
  if (typeof given === 'function') return () => timeOf(given);
  const time =
    given === undefined
      ? Number.POSITIVE_INFINITY
      : checkDate(option, given, 'a valid Date, or a function that returns one').getTime();
  return () => time;
}

/** NaN, with which the verifier refuses, where the function throws or answers something other than a Date. */
function timeOf(ask: () => Date): number {
  try {
    const answer: unknown = ask();
    if (answer instanceof Date) return answer.getTime();
    disregard(answer);
    return Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function checkCache(given: VerifierOptions['cache'] = {}): number {
  if (given === false) return 0;
  checkKeys('cache', given, ['maxTokens']);
  return checkNumber('cache.maxTokens', given.maxTokens, { min: 1, max: 10_000_000, integer: true, fallback: 10_000 });
}

function checkKeyOptions(given: KeyOptions = {}): KeySettings {
  checkKeys('keys', given, ['fetch', 'timeoutMs', 'refreshSeconds', 'maxStaleSeconds', 'cooldownSeconds']);
  return {
    fetch: checkFunction('keys.fetch', given.fetch) ?? fetchJwks,
    timeoutMs: checkNumber('keys.timeoutMs', given.timeoutMs, { min: 1, max: 60_000, fallback: 3_000 }),
    refreshSeconds: checkNumber('keys.refreshSeconds', given.refreshSeconds, { min: 1, max: 86_400, fallback: 3_600 }),
    maxStaleSeconds: checkNumber('keys.maxStaleSeconds', given.maxStaleSeconds, {
      min: 0,
      max: 31 * 86_400,
      fallback: 86_400,
    }),
    cooldownSeconds: checkNumber('keys.cooldownSeconds', given.cooldownSeconds, { min: 1, max: 3_600, fallback: 30 }),
    awaitRefresh: isLambda(),
    random: Math.random,
  };
}

function checkClock(given: VerifierOptions['clock'] = systemClock): KeyClock {
  if (typeof given?.now !== 'function') refuse('clock', 'an object with a method now()', given);
  checkFunction('clock.monotonic', given.monotonic);
  return { now: given.now.bind(given), passed: stopwatch(given) };
}
