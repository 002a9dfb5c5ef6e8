import { createHash } from 'node:crypto';
import { visible } from '../terminal/format.js';

/** Text that is HTML already, made by {@link html} alone. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = Html | string | number | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const rendered = (value: Value): string => {
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map((part) => part.text).join('') : escaped(String(value));
};

/** A template that escapes every value put into it, for text and for quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings.map((text, at) => `${text}${at < values.length ? rendered(values[at]!) : ''}`).join(''));
}

/** A page that loads nothing, runs nothing, and whose only style is the one given. */
export function htmlPage(title: string, style: string, body: Html): string {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return page.text;
}
