import { expect, it } from 'vitest';
import { REPORT_STYLE } from '../../../src/cli/html/style.js';
import { OUTCOMES } from '../../../src/migrate/outcomes.js';

it.each([...OUTCOMES, 'not-migrated', 'failed'])('gives %s a colour, on light and on paper alike', (name) => {
  expect(REPORT_STYLE).toMatch(new RegExp(`--${name}: #`));
  expect(REPORT_STYLE).toMatch(new RegExp(`\\.${name}\\b[^{]*\\{ fill: var\\(--${name}\\)`));
});

it('loads nothing', () => expect(REPORT_STYLE).not.toMatch(/url\(|@import/));
