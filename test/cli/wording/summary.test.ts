import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { estimateLines, outcomeLines, stampedLines } from '../../../src/cli/wording/summary.js';
import { OUTCOMES } from '../../../src/migrate/outcomes.js';

const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<(typeof OUTCOMES)[number], number>;

it('lists the outcomes that occur', () => {
  const lines = outcomeLines(
    { outcomes: { ...none, set: 1_200, duplicate: 2 }, notMigrated: 7 },
    pc.createColors(false),
  );
  expect(lines).toEqual([
    '  1,200  set            one legacy user, the attribute is empty',
    '      2  duplicate      several new users match one legacy user',
    '      7  not-migrated   legacy users whom no new user matches',
  ]);
});

describe('what the writes take', () => {
  const estimate = { writes: 1_000_000, estimatedSeconds: 100_000, estimatedMau: 1_000_000, estimatedMauUsd: 15_000 };

  it('is said with its price', () => {
    expect(estimateLines(estimate)).toEqual([
      '  writes  1,000,000',
      '  time    about 1 d 3 h',
      '  cost    1,000,000 monthly active users, about $15,000.00',
      '  price   $0.015 each, as on the Essentials plan: the pool does not say on which it is',
    ]);
  });

  it.each([
    [{ mauPrice: 0.0055, priceSource: 'list price' }, "$0.0055 each, the list price of the pool's feature plan"],
    [{ mauPrice: 0.01, priceSource: 'given' }, '$0.01 each, as given with --mau-price'],
  ] as const)('says where its price comes from: %j', (price, words) => {
    expect(estimateLines({ ...estimate, ...price }).at(-1)).toBe(`  price   ${words}`);
  });
});

it('says by what stamped users would be settled, and what to check before', () => {
  expect(stampedLines({ trustable: 1_200, providers: { Old_Pool: 1, Okta: 7 } })).toEqual([
    'Of the unexplained users:',
    '  1 user: the value is the user id at identity provider Old_Pool. If that is the legacy pool: --legacy-provider Old_Pool',
    '  7 users: the value is the user id at identity provider Okta. If that is the legacy pool: --legacy-provider Okta',
    '  1,200 users would be "ok" with --trust-attribute. Check first, in CloudTrail and the settings of every app client and',
    '  identity provider, that none could ever write the attribute: a forged value looks the same.',
  ]);
  expect(stampedLines({ trustable: 0, providers: { Okta: 1 } })).toHaveLength(2);
});
