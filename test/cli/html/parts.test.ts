import { expect, it } from 'vitest';
import { card, commandLine, shareBar, swatch } from '../../../src/cli/html/parts.js';
import { html } from '../../../src/cli/html/template.js';

it('a card shows a title, a value and a note, each as text', () => {
  expect(card('<Users>', '5', 'of 10').text).toContain('<dt>&lt;Users&gt;</dt><dd>5</dd><dd>of 10</dd>');
  expect(card('Blockers', '1', '', 'blocker').text).toContain('class="card blocker"');
  expect(card('Verified', '5 of 9', html`<a href="#here">right</a>`).text).toContain(
    '<dd><a href="#here">right</a></dd>',
  );
});

it('a swatch has the colour of its class and its mark, and nothing to read', () => {
  expect(swatch('set').text).toMatch(/aria-hidden="true"><rect class="set"/);
  expect(swatch('set', '1').text).toMatch(
    /aria-hidden="true"><rect class="set".*<text class="mark set"[^>]*>1<\/text>/,
  );
});

it.each([
  [0, '0.00'],
  [0.0001, '1.00'],
  [0.25, '25.00'],
])('a share of %d is a bar of width %s', (share, width) =>
  expect(shareBar('set', share).text).toContain(`<rect class="set" width="${width}"`),
);

it('a command is text', () =>
  expect(commandLine(`plan --state 'a&b'`).text).toContain('plan --state &#39;a&amp;b&#39;'));
