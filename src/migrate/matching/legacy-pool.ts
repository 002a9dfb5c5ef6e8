/** A legacy pool as the state numbers it. */
export interface LegacyPool {
  /** In the table `pools`. */
  readonly id: number;
  readonly userPoolId: string;
}
