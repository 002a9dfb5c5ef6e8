/** A part of the sources that is mutated as one, and where its tests are. */
export interface Place {
  readonly name: string;
  readonly sources: string;
  readonly tests: string;
  /** Tests in other folders, which are about this place. */
  readonly also?: readonly string[];
  /** Tests of several sources, whose names are not theirs: they come first. */
  readonly first?: readonly string[];
}

export const PLACES: readonly Place[] = [
  {
    name: 'verify',
    sources: 'src/verify',
    tests: 'test/verify',
    first: ['test/verify/mistakes.test.ts', 'test/verify/explain/swapped-pools.test.ts', 'test/verify/outage.test.ts'],
  },
  { name: 'middleware', sources: 'middleware', tests: 'test/middleware' },
  {
    name: 'matching',
    sources: 'src/migrate/matching',
    tests: 'test/migrate/matching',
    also: [
      'test/migrate/outcome-table.test.ts',
      'test/migrate/provider-map.test.ts',
      'test/migrate/trust-attribute.test.ts',
    ],
  },
  { name: 'legacy-id', sources: 'src/legacy-id', tests: 'test/legacy-id' },
  { name: 'triggers', sources: 'src/triggers', tests: 'test/triggers' },
  { name: 'calls', sources: 'src/migrate/calls', tests: 'test/migrate/calls' },
];

/** Tests that start processes, or try so much at random that one run of them takes longer than all others. */
export const LEFT_OUT: readonly string[] = [
  'test/triggers/cognito-local.test.ts',
  'test/verify/differential.test.ts',
  'test/verify/frozen-process.test.ts',
  'test/verify/load.test.ts',
  'test/verify/matrix.test.ts',
];

/** Fewer killed than this are a failure. */
export const THRESHOLD = 95;
