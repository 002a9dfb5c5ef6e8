import { Buffer, isUtf8 } from 'node:buffer';
import { CutoverError } from '../errors.js';
import { isPlainObject } from '../options.js';
import { freezeJson } from './freeze-json.js';

/** No token of Cognito comes near it; what is longer is not looked at. */
export const MAX_TOKEN_LENGTH = 16 * 1024;

/** What the header of an acceptable token says. */
export interface JwsHeader {
  readonly alg: string;
  readonly kid: string;
}

/** A compact JWS taken apart. Nothing in it is verified. */
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

/**
 * Decodes a base64url segment, RFC 7515 section 2: no padding, no other alphabet, no spare bits. Encoding the bytes again
 * gives the same text for exactly one text, so no second spelling of a token gets through.
 */
function decodeSegment(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  if (bytes.length === 0 || bytes.toString('base64url') !== segment) {
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

/** Reads a JWS header and refuses what RFC 7515 lets a header demand and this verifier does not know. */
function parseHeader(segment: string): JwsHeader {
  const header = freezeJson(parseObject(decodeSegment(segment)));
  // RFC 7515 section 4.1.11: extensions that are not understood make the token invalid. RFC 7797: b64.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw malformed('The token uses a JWS extension.');
  }
  if (header.alg !== 'RS256') {
    throw new CutoverError('ERR_ALGORITHM_NOT_ALLOWED', 'The token is not signed with RS256.');
  }
  if (typeof header.kid !== 'string' || header.kid === '') {
    throw malformed('The token names no key.');
  }
  return { alg: header.alg, kid: header.kid };
}

/**
 * Takes compact JWSs apart. The header of a pool's tokens is the same text token after token, so headers of tokens that
 * proved genuine are remembered ({@link remember}); an attacker's are not, and cannot fill the memory.
 */
export class CompactJwsDecoder {
  readonly #headers = new Map<string, JwsHeader>();

  /** @throws {@link CutoverError} `ERR_TOKEN_MALFORMED` or `ERR_ALGORITHM_NOT_ALLOWED` */
  decode(token: string): CompactJws {
    if (typeof token !== 'string') throw malformed('The token is not a string.');
    if (token.length > MAX_TOKEN_LENGTH) throw malformed('The token is too large.');
    const first = token.indexOf('.');
    const second = token.indexOf('.', first + 1);
    const hasThreeParts = first > 0 && second > first + 1 && token.length > second + 1;
    if (!hasThreeParts || token.includes('.', second + 1)) throw malformed('The token does not have three parts.');
    const headerSegment = token.slice(0, first);
    const header = this.#headers.get(headerSegment) ?? parseHeader(headerSegment);
    const payload = parseObject(decodeSegment(token.slice(first + 1, second)));
    const signature = decodeSegment(token.slice(second + 1));
    // Both parts are canonical base64url by now, so ASCII: latin1 is the same bytes as UTF-8, in a third of the time.
    const signingInput = Buffer.from(token.slice(0, second), 'latin1');
    return { header, headerSegment, payload, signature, signingInput };
  }

  /** Remembers the header of a token whose signature proved right. */
  remember({ headerSegment, header }: CompactJws): void {
    if (this.#headers.has(headerSegment)) return;
    if (this.#headers.size >= MAX_HEADERS) this.#headers.clear();
    this.#headers.set(headerSegment, header);
  }
}
