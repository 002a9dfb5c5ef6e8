import { cardinality } from './cardinality.js';

/** Up to here users are counted exactly. */
export const MOST_EXACT = 1_000;

/** p = 14: 2^14 registers, which gives a standard error of 0.8 %. */
const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
/** Of six bits each. */
const REGISTER_BYTES = (REGISTERS * 6) / 8;
/** What remains of 53 bits, and one for "none of them set". */
const GREATEST_RANK = 53 - INDEX_BITS + 1;
const FIRST_SLOTS = 8;

/**
 * Distinct users in bounded memory: the sorted hashes themselves up to {@link MOST_EXACT}, a HyperLogLog of 12 KiB above. Two sketches merge to
 * that of the users of both, in any order, and again without a change. The registers are packed as Redis packs them, which can
 * therefore merge them too.
 */
export class UserSketch {
  #hashes: Float64Array | undefined;
  #count = 0;
  /** One byte more than there are registers, so that the last one needs no case of its own. */
  #registers: Uint8Array | undefined;

  /** `hash` comes from `userHash`. */
  add(hash: number): void {
    if (this.#registers !== undefined) raise(this.#registers, indexOf(hash), rankOf(hash));
    else this.#insert(hash);
  }

  merge(other: UserSketch): void {
    for (const hash of other.hashes ?? []) this.add(hash);
    const theirs = other.#registers;
    if (theirs === undefined) return;
    const own = this.#toRegisters();
    for (let index = 0; index < REGISTERS; index += 1) raise(own, index, registerAt(theirs, index));
  }

  /** How many users; exact where there are {@link MOST_EXACT} at most. */
  get count(): number {
    const registers = this.#registers;
    if (registers === undefined) return this.#count;
    const histogram = Array.from({ length: GREATEST_RANK + 1 }, () => 0);
    for (let index = 0; index < REGISTERS; index += 1) histogram[registerAt(registers, index)]! += 1;
    return Math.round(cardinality(histogram));
  }

  /** In ascending order; `undefined` above {@link MOST_EXACT}. */
  get hashes(): Float64Array | undefined {
    return this.#registers === undefined ? (this.#hashes ?? new Float64Array(0)).subarray(0, this.#count) : undefined;
  }

  /** Six bits each, the first in the lowest bits; `undefined` up to {@link MOST_EXACT}. */
  get registers(): Uint8Array | undefined {
    return this.#registers?.subarray(0, REGISTER_BYTES);
  }

  /** The same as {@link registers}, whatever the number of users. */
  toRegisters(): Uint8Array {
    const copy = new UserSketch();
    copy.merge(this);
    return copy.#toRegisters().subarray(0, REGISTER_BYTES);
  }

  /** Empty where there is nobody. */
  toString(): string {
    const { hashes, registers } = this;
    if (registers !== undefined) return `h${Buffer.from(registers).toString('base64')}`;
    if (hashes === undefined || hashes.length === 0) return '';
    const bytes = Buffer.alloc(hashes.length * 8);
    for (const [at, hash] of hashes.entries()) bytes.writeDoubleLE(hash, at * 8);
    return `x${bytes.toString('base64')}`;
  }

  /** `undefined` for a text that {@link toString} never gives. */
  static parse(text: string): UserSketch | undefined {
    if (text === '') return new UserSketch();
    const bytes = Buffer.from(text.slice(1), 'base64');
    // Node skips what is no base64.
    if (bytes.toString('base64') !== text.slice(1)) return undefined;
    if (text[0] === 'h') return UserSketch.ofRegisters(bytes);
    return text[0] === 'x' && bytes.length > 0 && bytes.length % 8 === 0 ? ofHashes(bytes) : undefined;
  }

  /** `undefined` for bytes that no {@link registers} can be. */
  static ofRegisters(bytes: Uint8Array): UserSketch | undefined {
    if (bytes.length !== REGISTER_BYTES) return undefined;
    const sketch = new UserSketch();
    const registers = sketch.#toRegisters();
    registers.set(bytes);
    for (let index = 0; index < REGISTERS; index += 1) {
      if (registerAt(registers, index) > GREATEST_RANK) return undefined;
    }
    return sketch;
  }

  #insert(hash: number): void {
    this.#hashes ??= new Float64Array(FIRST_SLOTS);
    const at = this.#placeOf(hash, this.#hashes);
    if (at < this.#count && this.#hashes[at] === hash) return;
    if (this.#count === MOST_EXACT) {
      raise(this.#toRegisters(), indexOf(hash), rankOf(hash));
      return;
    }
    if (this.#count === this.#hashes.length) {
      const larger = new Float64Array(Math.min(MOST_EXACT, this.#count * 2));
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes.copyWithin(at + 1, at, this.#count);
    this.#hashes[at] = hash;
    this.#count += 1;
  }

  /** Where the hash is, or belongs. */
  #placeOf(hash: number, hashes: Float64Array): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (hashes[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #toRegisters(): Uint8Array {
    if (this.#registers === undefined) {
      this.#registers = new Uint8Array(REGISTER_BYTES + 1);
      for (const hash of this.#hashes?.subarray(0, this.#count) ?? []) {
        raise(this.#registers, indexOf(hash), rankOf(hash));
      }
      this.#hashes = undefined;
    }
    return this.#registers;
  }
}

function ofHashes(bytes: Buffer): UserSketch | undefined {
  if (bytes.length > MOST_EXACT * 8) return undefined;
  const sketch = new UserSketch();
  let before = -1;
  for (let at = 0; at < bytes.length; at += 8) {
    const hash = bytes.readDoubleLE(at);
    if (!isUserHash(hash) || hash <= before) return undefined;
    sketch.add(hash);
    before = hash;
  }
  return sketch;
}

/** Whether a number can come from `userHash`. */
export const isUserHash = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const indexOf = (hash: number): number => hash % REGISTERS;

/** The position of the first bit that is set in the rest of the hash. */
function rankOf(hash: number): number {
  const high = Math.floor(hash / 0x1_0000_0000);
  if (high !== 0) return Math.clz32(high) - 10;
  const rest = (hash >>> 0) >>> INDEX_BITS;
  return Math.clz32(rest) - INDEX_BITS + 22;
}

function registerAt(registers: Uint8Array, index: number): number {
  const bit = index * 6;
  const byte = bit >>> 3;
  return ((registers[byte]! | (registers[byte + 1]! << 8)) >>> (bit & 7)) & 63;
}

function raise(registers: Uint8Array, index: number, rank: number): void {
  const bit = index * 6;
  const byte = bit >>> 3;
  const shift = bit & 7;
  const pair = registers[byte]! | (registers[byte + 1]! << 8);
  if (((pair >>> shift) & 63) >= rank) return;
  const raised = (pair & ~(63 << shift)) | (rank << shift);
  registers[byte] = raised;
  registers[byte + 1] = raised >>> 8;
}
