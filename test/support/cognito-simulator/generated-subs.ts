import { hex16, hex24, mix } from './random.js';

const MASK = 0xffffff;
const ROUNDS = [0x51, 0xa3, 0x1f, 0xe7];

function scramble(index: number, seed: number): string {
  let left = Math.floor(index / 0x1000000);
  let right = index & MASK;
  for (const round of ROUNDS) [left, right] = [right, left ^ (mix(right, seed + round) & MASK)];
  return hex24(left) + hex24(right);
}

function unscramble(digits: string, seed: number): number {
  let left = Number.parseInt(digits.slice(0, 6), 16);
  let right = Number.parseInt(digits.slice(6), 16);
  for (const round of ROUNDS.toReversed()) [left, right] = [right ^ (mix(left, seed + round) & MASK), left];
  return left * 0x1000000 + right;
}

/**
 * The `sub` of the user at `index` of a generated pool: a UUID whose first four digits are the low 16 bits of the index,
 * lowest first (so the users of a prefix are every 16th, 256th, … and a shard is listed without looking at the others),
 * and whose last twelve hold the index enciphered (so a sub leads back to its user).
 */
export function generatedSub(index: number, seed: number): string {
  const low = (index ^ seed) & 0xffff;
  const prefix = ((low & 0xf) << 12) | ((low & 0xf0) << 4) | ((low & 0xf00) >> 4) | (low >> 12);
  const filler = mix(index, seed ^ 0x2545f491);
  const rest = mix(index, seed ^ 0x6c078965);
  return `${hex16(prefix)}${hex16(filler)}-${hex16(filler >>> 16)}-${hex16(0x4000 | (rest & 0xfff))}-${hex16(0x8000 | ((rest >>> 16) & 0x3fff))}-${scramble(index, seed)}`;
}

/** The index whose sub this is, or `undefined` where it is nobody's. */
export function indexOfSub(sub: string, seed: number): number | undefined {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sub)) return undefined;
  const index = unscramble(sub.slice(24), seed);
  return generatedSub(index, seed) === sub ? index : undefined;
}

/** The indices whose subs may begin with `prefix`: `first`, `first + step`, … ; `undefined` where none can. */
export function indicesOfPrefix(prefix: string, seed: number): { first: number; step: number } | undefined {
  const digits = prefix.slice(0, 4);
  if (!/^[0-9a-f]*$/.test(digits)) return undefined;
  let first = 0;
  for (let at = 0; at < digits.length; at++) {
    first |= (Number.parseInt(digits[at]!, 16) ^ ((seed >>> (4 * at)) & 0xf)) << (4 * at);
  }
  return { first, step: 16 ** digits.length };
}
