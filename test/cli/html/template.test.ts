import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, htmlPage } from '../../../src/cli/html/template.js';

describe('html', () => {
  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`" onload='x' &`, '&quot; onload=&#39;x&#39; &amp;'],
    ['a\u0000b\u202Ec', 'a\\u0000b\\u202ec'],
    ['žofie', 'žofie'],
  ])('escapes %j', (text, escaped) =>
    expect(html`<p title="${text}">${text}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`),
  );

  it('leaves what it made itself', () => {
    expect(html`<ul>${['a', '<'].map((one) => html`<li>${one}</li>`)}${html`<br>`}${5}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;</li><br>5</ul>',
    );
  });

  it('never lets a value open a tag or end an attribute', () => {
    fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(html`${text}`.text)));
  });
});

it('makes a page that may load and run nothing', () => {
  const page = htmlPage('<Report>', 'p { color: red }', html`<p>text</p>`);
  expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-`);
  expect(page).toContain('<title>&lt;Report&gt;</title>');
  expect(page).toContain('<style>p { color: red }</style>');
});
