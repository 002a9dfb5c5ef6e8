import { isPlainObject, parseJson } from '../options.js';

/** What an app may read in a legacy access token, unverified: it decides nothing but what to ask first. */
export interface TokenFacts {
  readonly tokenUse?: string;
  /** Seconds since the epoch. */
  readonly expiresAt?: number;
  readonly deviceKey?: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function tokenFacts(token: string): TokenFacts {
  const claims = parseJson(decoded(token.split('.')[1] ?? ''));
  if (!isPlainObject(claims)) return {};
  const { token_use: tokenUse, exp: expiresAt, device_key: deviceKey } = claims;
  return {
    ...(typeof tokenUse === 'string' && { tokenUse }),
    ...(typeof expiresAt === 'number' && { expiresAt }),
    ...(typeof deviceKey === 'string' && deviceKey !== '' && { deviceKey }),
  };
}

/** Base64url by hand: neither `atob` nor `Buffer` is everywhere. Only ASCII is read from it. */
function decoded(text: string): string {
  let result = '';
  let held = 0;
  let bits = 0;
  for (const sign of text) {
    held = ((held << 6) | ALPHABET.indexOf(sign)) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    result += String.fromCharCode((held >> bits) & 0xff);
  }
  return result;
}
