const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** MurmurHash3's finaliser: each bit of the input changes each bit of the output with probability one half. */
function scatter(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/**
 * A whole number below 2^53 for a text, evenly spread and the same in every process and version: instances merge what they counted. Two
 * lanes of MurmurHash3 with the constants of its x86 variants. It resists no attacker, and need not: only verified values are hashed.
 */
export function userHash(text: string): number {
  let low = 0x2f0b4a47;
  let high = 0x51ed270b;
  for (let at = 0; at < text.length; at += 2) {
    // Past the end `charCodeAt` is NaN, and NaN << 16 is 0.
    const pair = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
    low ^= Math.imul(rotate(Math.imul(pair, 0xcc9e2d51), 15), 0x1b873593);
    low = (Math.imul(rotate(low, 13), 5) + 0xe6546b64) | 0;
    high ^= Math.imul(rotate(Math.imul(pair, 0xab0e9789), 16), 0x38b34ae5);
    high = (Math.imul((rotate(high, 17) + low) | 0, 5) + 0x0bcaa747) | 0;
  }
  low = scatter(low ^ text.length);
  high = scatter((high ^ text.length) + low);
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}
