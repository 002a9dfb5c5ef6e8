/**
 * Remembers names, so that each is used once, whichever process asks. Session hand-over keeps in it which tokens it has accepted.
 *
 * An implementation decides with one conditional write. Never with a read and a write after it: two processes would both find nothing.
 */
export interface OnceStore {
  /**
   * Whether this call is the first with this `name`. Rejects when that is not known, for example while the store is unavailable; the caller
   * then refuses.
   *
   * @param name 1 to 256 printable ASCII characters
   * @param until seconds since the epoch; the name may be forgotten after it, and never before
   */
  claim(name: string, until: number, signal?: AbortSignal): Promise<boolean>;
}
