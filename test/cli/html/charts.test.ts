import { describe, expect, it } from 'vitest';
import { curveChart, stackedBar, wholeBar } from '../../../src/cli/html/charts.js';

const slice = (kind: string, users: number) => ({ kind, label: kind, users });
const widthsOf = (svg: string) => [...svg.matchAll(/x="[\d.]+%" width="([\d.]+)%"/g)].map(([, width]) => Number(width));

describe('a bar', () => {
  it('gives each part its share, leaves none out, and fills the whole', () => {
    const { text } = stackedBar([slice('set', 999_000), slice('ok', 999), slice('conflict', 1), slice('duplicate', 0)]);
    const widths = widthsOf(text);
    expect(widths).toHaveLength(3);
    expect(widths.at(-1)).toBeGreaterThan(1);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(100, 0);
    expect(text).toContain('aria-label="set: 999,000, ok: 999, conflict: 1"');
  });

  it('marks its parts where they have a mark, and says which are too narrow for it on a phone', () => {
    const { text } = stackedBar([
      { ...slice('set', 99), mark: '1' },
      { ...slice('ok', 1), mark: '2' },
      slice('rest', 9),
    ]);
    const marks = [...text.matchAll(/<text class="mark ([^"]*)"[^>]*>(\d)</g)].map(
      ([, kinds, mark]) => `${kinds}: ${mark}`,
    );
    expect(marks).toEqual(['set: 1', 'ok narrow: 2']);
  });

  it('of nobody is empty', () => expect(stackedBar([slice('set', 0)]).text).not.toMatch(/NaN|title/));

  it('explains its colours, with numbers and shares', () => {
    const { text } = wholeBar([slice('native', 3), slice('federated', 1), slice('rest', 0)]);
    expect(text.match(/<li>/g)).toHaveLength(2);
    expect(text).toContain('<span>native</span><span class="number">3 <span class="soft">75.0%</span>');
  });
});

it('a curve has a word, a time and a share for each point', () => {
  const point = (days: number, share: number) => ({
    ...{ days, native: 100 * share, nativeShare: share, federated: 0, federatedShare: 0 },
  });
  const { text } = curveChart([point(7, 0.25), point(365, 1)]);
  expect(text).toContain('d="M25.00 75.00L75.00 0.00"');
  expect(text).toContain('with a password: 25.0% (25) after 7 days, 100.0% (100) after 365 days');
  expect(text).toContain('<span>7 d</span><span>1 y</span>');
  // Nobody comes through a provider: no line along the bottom.
  expect(text.match(/<path class="line/g)).toHaveLength(1);
  expect(text).not.toContain('identity provider');
});
