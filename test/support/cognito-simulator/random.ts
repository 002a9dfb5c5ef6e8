/** Spreads 32 bits so that neighbours end up far apart (the finaliser of MurmurHash3). */
export function mix(value: number, seed: number): number {
  let hash = (value ^ seed) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A seed that belongs to a text: pools of one simulator get different ones from their ids. */
export function seedOf(text: string, seed: number): number {
  let hash = mix(text.length, seed);
  for (let at = 0; at < text.length; at++) hash = mix(hash, text.charCodeAt(at) + Math.imul(hash, 31));
  return hash;
}

export type Random = () => number;

/** Numbers in [0, 1) that are the same for the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state, 0x5bd1e995) / 0x1_0000_0000;
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 24 bits as six hexadecimal digits. */
export const hex24 = (value: number): string =>
  HEX[(value >>> 16) & 0xff]! + HEX[(value >>> 8) & 0xff]! + HEX[value & 0xff]!;

/** 16 bits as four hexadecimal digits. */
export const hex16 = (value: number): string => HEX[(value >>> 8) & 0xff]! + HEX[value & 0xff]!;

/** A UUID of version 4 from two random halves of the given source. */
export function randomUuid(random: Random): string {
  const part = (limit: number) => Math.floor(random() * limit);
  const variant = hex16(0x8000 | part(0x4000));
  return `${hex16(part(0x10000))}${hex16(part(0x10000))}-${hex16(part(0x10000))}-${hex16(0x4000 | part(0x1000))}-${variant}-${hex24(part(0x1000000))}${hex24(part(0x1000000))}`;
}
