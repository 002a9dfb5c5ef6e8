import { Buffer, isUtf8 } from 'node:buffer';
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

/** The parts of a compact JWS. Nothing in it is verified. */
export interface CompactJws {
  readonly header: JwsHeader;
  readonly headerSegment: string;
  readonly payload: Record<string, unknown>;
  readonly signature: Buffer;
  /** The bytes the signature is over. */
  readonly signingInput: Buffer;
}

/** Two per pool are in use, four while keys rotate. */
const MAX_HEADERS = 64;

const malformed = (message: string) => new CutoverError('ERR_TOKEN_MALFORMED', message);

/** The last characters that leave no spare bits, by how many characters there are beyond a multiple of four. */
const CLEAN_ENDS = [undefined, '', 'AQgw', 'AEIMQUYcgkosw048'] as const;

/**
 * Decodes a base64url segment, RFC 7515 section 2: no padding, no other alphabet, no spare bits, so that no second spelling
 * of a token gets through. `segment` is known to be ASCII without `+` and `/`. Node's decoder skips every other character
 * outside the alphabet, which shows in the number of bytes.
 */
export function decodeSegment(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  const ends = CLEAN_ENDS[segment.length % 4];
  const isWhole = bytes.length > 0 && bytes.length === Math.floor((segment.length * 3) / 4);
  if (!isWhole || (ends !== undefined && !ends.includes(segment.charAt(segment.length - 1)))) {
    throw malformed('A part of the token is not canonical base64url.');
  }
  return bytes;
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw malformed('A part of the token is not valid UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's message quotes the text, so it is not kept as cause.
    throw malformed('A part of the token is not JSON.');
  }
  if (!isPlainObject(value)) throw malformed('A part of the token is not a JSON object.');
  return value;
}

/** Reads a JWS header. Refuses extensions, which RFC 7515 lets a header require and this verifier does not implement. */
function parseHeader(segment: string): JwsHeader {
  const header = freezeJson(parseObject(decodeSegment(segment)));
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

/** The same refusal, saying which mistake led to it where that is certain. */
function better(error: CutoverError, token: unknown): CutoverError {
  const isNothing = token === undefined || token === null || (typeof token === 'string' && token.trim() === '');
  if (isNothing) return new CutoverError('ERR_TOKEN_MISSING', 'There is no token: verify() was called without one.');
  if (error.code !== 'ERR_TOKEN_MALFORMED') return error;
  // A longer text is not worth reading.
  const mistake = typeof token === 'string' && token.length > MAX_TOKEN_LENGTH ? undefined : formMistake(token);
  return mistake === undefined ? error : malformed(mistake);
}

/**
 * Decodes compact JWSs. All tokens signed with one key have the same header, so the headers of verified tokens are
 * remembered ({@link remember}). Other headers are not, so an attacker cannot fill the memory.
 */
export class CompactJwsDecoder {
  readonly #headers = new Map<string, JwsHeader>();

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
    const header = this.#headers.get(headerSegment) ?? parseHeader(headerSegment);
    const payload = parseObject(decodeSegment(token.slice(first + 1, second)));
    const signature = decodeSegment(token.slice(second + 1));
    // ASCII was checked above: latin1 gives the same bytes as UTF-8, in a third of the time.
    const signingInput = Buffer.from(token.slice(0, second), 'latin1');
    return { header, headerSegment, payload, signature, signingInput };
  }

  /** Remembers the header of a token whose signature was verified. */
  remember({ headerSegment, header }: CompactJws): void {
    if (this.#headers.has(headerSegment)) return;
    if (this.#headers.size >= MAX_HEADERS) this.#headers.clear();
    this.#headers.set(headerSegment, header);
  }
}
