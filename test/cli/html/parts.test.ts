import { expect, it } from 'vitest';
import { card, swatch } from '../../../src/cli/html/parts.js';

it('a card shows a title, a value and a note, each as text', () => {
  expect(card('<Users>', '5', 'of 10').text).toContain('<dt>&lt;Users&gt;</dt><dd>5</dd><dd>of 10</dd>');
  expect(card('Blockers', '1', '', 'blocker').text).toContain('class="card blocker"');
});

it('a swatch has the colour of its class, and nothing to read', () => {
  expect(swatch('set').text).toMatch(/aria-hidden="true"><rect class="set"/);
});
