import { Buffer, isUtf8 } from 'node:buffer';
import { type KeyObject, verify as verifySignature } from 'node:crypto';
import { CutoverError } from '../errors.js';
import { isPlainObject } from '../options.js';
import { formMistake } from './explain/token-form.js';
import { freezeJson } from './freeze-json.js';

/** Far more than any token of Cognito; a longer one is refused unread. */
export const MAX_TOKEN_LENGTH = 16 * 1024;

/** What the header of an acceptable token says. */
export interface JwsHeader {
  readonly alg: string;
  readonly kid: string;
}

/** A compact JWS, taken apart. Nothing in it is verified. */
export interface CompactJws {
  readonly token: string;
  readonly header: JwsHeader;
  readonly headerLength: number;
  readonly payload: Record<string, unknown>;
  /** How many characters of the token the signature is over. */
  readonly inputLength: number;
}

/** Two per pool are in use, four while keys rotate. */
const MAX_HEADERS = 64;

const malformed = (message: string) => new CutoverError('ERR_TOKEN_MALFORMED', message);

/** The last characters that leave no spare bits, by how many characters there are beyond a multiple of four. */
const CLEAN_ENDS = [undefined, '', 'AQgw', 'AEIMQUYcgkosw048'] as const;

/**
 * Where the bytes of one token are written, from {@link SEGMENT} on those of one of its segments: one buffer for all tokens, as a new one
 * for each costs more than the decoding. Whoever reads it has written it just before, with nothing in between that may call back.
 */
const scratch = Buffer.alloc(2 * MAX_TOKEN_LENGTH);
const SEGMENT = MAX_TOKEN_LENGTH;

/** The token whose signature was the last segment to be decoded, so that it need not be decoded again; how many bytes it has. */
let last: { readonly token: string; readonly signatureLength: number } | undefined;

/**
 * Decodes a base64url segment, RFC 7515 section 2: no padding, no other alphabet, no spare bits, so that no second spelling
 * of a token gets through. `segment` is known to be ASCII without `+` and `/`. Node's decoder skips every other character
 * outside the alphabet, which shows in the number of bytes.
 *
 * @returns how many bytes were written to {@link scratch}
 */
function decodeSegment(segment: string): number {
  last = undefined;
  const written = scratch.write(segment, SEGMENT, 'base64url');
  const ends = CLEAN_ENDS[segment.length % 4];
  const isWhole = written > 0 && written === Math.floor((segment.length * 3) / 4);
  if (!isWhole || (ends !== undefined && !ends.includes(segment.charAt(segment.length - 1)))) {
    throw malformed('A part of the token is not canonical base64url.');
  }
  return written;
}

/** The text of a segment. */
function decodeText(segment: string): string {
  const end = SEGMENT + decodeSegment(segment);
  // What is ASCII throughout is the same text in latin1, which is read in half the time.
  const text = scratch.toString('latin1', SEGMENT, end);
  if (Buffer.byteLength(text) === text.length) return text;
  if (!isUtf8(scratch.subarray(SEGMENT, end))) throw malformed('A part of the token is not valid UTF-8.');
  return scratch.toString('utf8', SEGMENT, end);
}

function parseObject(segment: string): Record<string, unknown> {
  const text = decodeText(segment);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, so it is not kept as cause.
    throw malformed('A part of the token is not JSON.');
  }
  if (!isPlainObject(value)) throw malformed('A part of the token is not a JSON object.');
  return value;
}

/** Reads a JWS header. Refuses extensions, which RFC 7515 lets a header require and this verifier does not implement. */
function parseHeader(segment: string): JwsHeader {
  const header = freezeJson(parseObject(segment));
  // RFC 7515 section 4.1.11: extensions that are not understood make the token invalid. RFC 7797: b64.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw malformed('The token uses a JWS extension (crit or b64).');
  }
  if (header.alg !== 'RS256') {
    const message = 'The token is not signed with RS256, as every token of Cognito is.';
    throw new CutoverError('ERR_ALGORITHM_NOT_ALLOWED', message);
  }
  if (typeof header.kid !== 'string' || header.kid === '') {
    throw malformed('The header of the token has no kid.');
  }
  return { alg: header.alg, kid: header.kid };
}

/** Whether the token was signed with this key: RSASSA-PKCS1-v1_5 with SHA-256. */
export function isSignedWith(key: KeyObject, { token, inputLength }: CompactJws): boolean {
  // Where keys had to be waited for, other tokens were decoded meanwhile.
  const end = SEGMENT + (last?.token === token ? last.signatureLength : decodeSegment(token.slice(inputLength + 1)));
  scratch.write(token, 0, inputLength, 'latin1');
  return verifySignature('RSA-SHA256', scratch.subarray(0, inputLength), key, scratch.subarray(SEGMENT, end));
}

/**
 * The same ASCII text in memory of its own. What `slice` returns keeps the whole string that it was cut from, such as all the cookies of
 * a request.
 */
export function detached(text: string): string {
  return scratch.toString('latin1', 0, scratch.write(text, 0, 'latin1'));
}

/** The same refusal, saying which mistake led to it where that is certain. */
function better(error: CutoverError, token: unknown): CutoverError {
  const isNothing = token === undefined || token === null || (typeof token === 'string' && token.trim() === '');
  if (isNothing) return new CutoverError('ERR_TOKEN_MISSING', 'There is no token: verify() was called without one.');
  if (error.code !== 'ERR_TOKEN_MALFORMED') return error;
  // A longer text is not worth reading.
  const mistake = typeof token === 'string' && token.length > MAX_TOKEN_LENGTH ? undefined : formMistake(token);
  return mistake === undefined ? error : malformed(mistake);
}

interface KnownHeader {
  readonly segment: string;
  readonly header: JwsHeader;
}

/**
 * Decodes compact JWSs. All tokens signed with one key have the same header, so the headers of verified tokens are
 * remembered ({@link remember}). Other headers are not, so an attacker cannot fill the memory.
 */
export class CompactJwsDecoder {
  // They are few, and all differ early: comparing is faster than the hash that a map needs of each new string.
  #headers: KnownHeader[] = [];

  /** @throws {@link CutoverError} `ERR_TOKEN_MISSING`, `ERR_TOKEN_MALFORMED` or `ERR_ALGORITHM_NOT_ALLOWED` */
  decode(token: string): CompactJws {
    try {
      return this.#decode(token);
    } catch (error) {
      throw better(error as CutoverError, token);
    }
  }

  #decode(token: string): CompactJws {
    if (typeof token !== 'string') throw malformed('The token is not a string.');
    if (token.length > MAX_TOKEN_LENGTH) throw malformed(`The token is longer than ${MAX_TOKEN_LENGTH} characters.`);
    const first = token.indexOf('.');
    const second = token.indexOf('.', first + 1);
    const hasThreeParts = first > 0 && second > first + 1 && token.length > second + 1;
    if (!hasThreeParts || token.includes('.', second + 1)) throw malformed('The token does not have three parts.');
    if (token.includes('+') || token.includes('/') || Buffer.byteLength(token) !== token.length) {
      throw malformed('The token is not base64url.');
    }
    const headerSegment = token.slice(0, first);
    const header = this.#known(headerSegment) ?? parseHeader(headerSegment);
    const payload = parseObject(token.slice(first + 1, second));
    last = { token, signatureLength: decodeSegment(token.slice(second + 1)) };
    return { token, header, headerLength: first, payload, inputLength: second };
  }

  #known(segment: string): JwsHeader | undefined {
    for (const one of this.#headers) if (one.segment === segment) return one.header;
    return undefined;
  }

  /** Remembers the header of a token whose signature was verified. */
  remember({ token, headerLength, header }: CompactJws): void {
    // Known headers are the same objects.
    for (const one of this.#headers) if (one.header === header) return;
    if (this.#headers.length >= MAX_HEADERS) this.#headers = [];
    this.#headers.push({ segment: detached(token.slice(0, headerLength)), header });
  }
}
