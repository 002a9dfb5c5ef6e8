import { hash } from 'node:crypto';

/**
 * 64 bits of SHA-256. Among a million values, the chance that two different ones share them is 1 in 37 million. An exact
 * comparison would need every address in memory.
 */
const fingerprint = (value: string): bigint => hash('sha256', value, 'buffer').readBigUInt64LE();

/** A set of strings that remembers eight bytes of each. */
export class FingerprintSet {
  /** Open addressing, never more than half full; 0 marks a free place. */
  #places = new BigUint64Array(1 << 12);
  #size = 0;

  /** Adds `value`. Returns false if it was there already. */
  add(value: string): boolean {
    if (!this.#insert(fingerprint(value) || 1n)) return false;
    this.#size++;
    if (this.#size * 2 > this.#places.length) this.#grow();
    return true;
  }

  has(value: string): boolean {
    const print = fingerprint(value) || 1n;
    return this.#places[this.#placeOf(print)] === print;
  }

  #insert(print: bigint): boolean {
    const at = this.#placeOf(print);
    if (this.#places[at] === print) return false;
    this.#places[at] = print;
    return true;
  }

  /** Where `print` is, or belongs. */
  #placeOf(print: bigint): number {
    const mask = this.#places.length - 1;
    let at = Number(print & BigInt(mask));
    while (this.#places[at] !== 0n && this.#places[at] !== print) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new BigUint64Array(old.length * 2);
    for (const print of old) if (print !== 0n) this.#insert(print);
  }
}

/** Counts values that were added more than once, at eight bytes per value. */
export class DuplicateCounter {
  #prints = new BigUint64Array(1 << 12);
  #size = 0;

  add(value: string): void {
    if (this.#size === this.#prints.length) {
      const larger = new BigUint64Array(Math.ceil(this.#size * 1.5));
      larger.set(this.#prints);
      this.#prints = larger;
    }
    this.#prints[this.#size++] = fingerprint(value);
  }

  /** How many values were added more than once, and by how many users in all. */
  count(): { values: number; users: number } {
    const sorted = this.#prints.subarray(0, this.#size).sort();
    let values = 0;
    let users = 0;
    for (let start = 0; start < sorted.length; ) {
      let end = start + 1;
      while (end < sorted.length && sorted[end] === sorted[start]) end++;
      if (end - start > 1) {
        values++;
        users += end - start;
      }
      start = end;
    }
    return { values, users };
  }
}
