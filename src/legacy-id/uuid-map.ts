const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const WORDS = 4;

/**
 * A map from UUID to UUID in 32 bytes per entry plus 8 to 16 of index, where a `Map` of strings takes about 200. Grows up to
 * the capacity it was made with. Holds UUIDs as Cognito writes them, in lower case; anything else belongs elsewhere.
 */
export class UuidMap {
  readonly #entries: Uint32Array;
  /** Open addressing: 1 + number of the entry, or 0. At most half full, so that runs stay short. */
  readonly #index: Uint32Array;
  readonly #key = new Uint32Array(WORDS);
  readonly #value = new Uint32Array(WORDS);
  #size = 0;

  constructor(capacity: number) {
    this.#entries = new Uint32Array(capacity * 2 * WORDS);
    this.#index = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(capacity, 1) * 2)));
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an entry, unless its key is there already or one of the two is not a UUID in lower case. */
  add(key: string, value: string): 'added' | 'exists' | 'no-uuid' {
    if (!pack(key, this.#key) || !pack(value, this.#value)) return 'no-uuid';
    const slot = this.#slotOf(this.#key);
    if (this.#index[slot] !== 0) return 'exists';
    const offset = this.#size * 2 * WORDS;
    if (offset === this.#entries.length) throw new RangeError('the map is full');
    this.#entries.set(this.#key, offset);
    this.#entries.set(this.#value, offset + WORDS);
    this.#size += 1;
    this.#index[slot] = this.#size;
    return 'added';
  }

  get(key: string): string | undefined {
    if (!pack(key, this.#key)) return undefined;
    const at = this.#index[this.#slotOf(this.#key)] ?? 0;
    return at === 0 ? undefined : unpack(this.#entries, (at * 2 - 1) * WORDS);
  }

  /** The slot that holds the key, or the free one where it would go. */
  #slotOf(key: Uint32Array): number {
    const mask = this.#index.length - 1;
    let slot = hash(key) & mask;
    for (;;) {
      const at = this.#index[slot] ?? 0;
      if (at === 0 || this.#holds((at - 1) * 2 * WORDS, key)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #holds(offset: number, key: Uint32Array): boolean {
    for (let word = 0; word < WORDS; word++) {
      if (this.#entries[offset + word] !== key[word]) return false;
    }
    return true;
  }
}

/** Mixes all bits: Cognito's UUIDs of one pool have many in common. */
function hash(key: Uint32Array): number {
  let mixed = 0;
  for (let word = 0; word < WORDS; word++) {
    mixed = Math.imul(mixed ^ (key[word] ?? 0), 0x85ebca6b);
    mixed ^= mixed >>> 15;
  }
  return Math.imul(mixed, 0xc2b2ae35) >>> 0;
}

/** Reads a UUID into four words; false when `text` is not one in the one form that {@link unpack} gives back. */
function pack(text: string, into: Uint32Array): boolean {
  if (text.length !== 36) return false;
  let digits = 0;
  let word = 0;
  for (let index = 0; index < 36; index++) {
    const code = text.charCodeAt(index);
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (code !== 0x2d) return false;
      continue;
    }
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    if (digit === -1) return false;
    word = (word << 4) | digit;
    digits += 1;
    if (digits % 8 === 0) into[digits / 8 - 1] = word;
  }
  return true;
}

function unpack(entries: Uint32Array, offset: number): string {
  let text = '';
  for (let byte = 0; byte < 16; byte++) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) text += '-';
    const word = entries[offset + (byte >> 2)] ?? 0;
    text += HEX[(word >>> (24 - 8 * (byte & 3))) & 0xff];
  }
  return text;
}
