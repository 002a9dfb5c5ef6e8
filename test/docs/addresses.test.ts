import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorsOf, PAGES, textOf } from '../support/doc-blocks.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const REPOSITORY = 'https://github.com/cognito-cutover/cognito-cutover';

const inside = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => ending.test(name) && !/(?:^|\/)(?:node_modules|dist|cdk\.out)\//.test(name));
const sources = [...inside('src', /\.(?:ts|js)$/), ...inside('middleware', /\.ts$/)];
const others = [
  ...inside('examples', /\.(?:mjs|ts|json|ya?ml|tf|sh|service|timer|conf)$/).filter(
    (name) => !name.endsWith('package-lock.json'),
  ),
  'package.json',
];
const places = [...PAGES, 'CHANGELOG.md', ...sources, ...others];

const OUTSIDE = [
  ...['arxiv.org', 'authjs.dev', 'aws.amazon.com', 'developer.konghq.com', 'docs.amplify.aws', 'docs.aws.amazon.com'],
  ...['docs.spring.io', 'github.com', 'html.spec.whatwg.org', 'istio.io', 'keepachangelog.com', 'learn.microsoft.com'],
  ...[
    'man7.org',
    'no-color.org',
    'nodejs.org',
    'owasp.org',
    'prometheus.io',
    'repost.aws',
    'semver.org',
    'stryker-mutator.io',
  ],
  ...['www.envoyproxy.io', 'www.rfc-editor.org', 'www.sqlite.org', 'www.w3.org'],
];
/** Addresses that are called and not read, and names in configurations. */
const isCalled = (host: string) => /^(?:issuer-)?cognito-idp\b|^localhost|^(?:app|forward_auth|user)$/.test(host);
/** Names that RFC 2606 and RFC 6761 reserve, addresses, and places for a name. */
const isExample = (host: string) =>
  /(?:^|\.)(?:example(?:\.com|\.org)?|test|invalid|internal)$|^(?:\d+\.){3}\d+$|^\[|[{}$…<*]|^$/.test(host);

const addressesIn = (text: string) =>
  [...text.matchAll(/https?:\/\/[^\s"'`<>)\]|\\]+/g)].map(([address]) => address.replace(/[.,;:]+$/, ''));
const found = places.flatMap((place) =>
  addressesIn(textOf(place)).map((address) => ({
    place,
    address,
    host: /^https?:\/\/(?:[^/@]*@)?([^/:#?]*)/.exec(address)?.[1] ?? '',
  })),
);

describe('the addresses in pages, sources and examples', () => {
  it('lead to known places, by https', () => {
    const outside = found.filter(({ host }) => !isCalled(host) && !isExample(host));
    expect(outside.length).toBeGreaterThan(250);
    // The name of an XML namespace is not an address.
    const wrong = outside.filter(
      ({ host, address }) => !OUTSIDE.includes(host) || !(address.startsWith('https:') || host === 'www.w3.org'),
    );
    expect(wrong).toEqual([]);
    const seen = new Set(outside.map(({ host }) => host));
    expect(OUTSIDE.filter((host) => !seen.has(host))).toEqual([]);
  });

  it('lead in this repository to files and headings that exist', () => {
    const wrong = found.filter(({ address }) => {
      const [, path, anchor] = new RegExp(`^${REPOSITORY}/(?:blob|tree)/main/([^#]+)(?:#(.*))?$`).exec(address) ?? [];
      if (path === undefined) return false;
      // A message adds what is missing of an anchor.
      const isWhole = anchor === undefined || /[${]/.test(anchor) || anchorsOf(path).includes(anchor);
      return !existsSync(join(root, path)) || !isWhole;
    });
    expect(wrong).toEqual([]);
  });
});

it('pages that sources, examples and messages name exist, with the heading', () => {
  const named = places.flatMap((place) =>
    [...textOf(place).matchAll(/(?<![\w/.])docs\/((?:iam\/)?[\w-]+\.(?:md|json))(?:#([\w-]+))?/g)].map(
      ([text, page = '', anchor]) => ({ place, text, page: `docs/${page}`, anchor }),
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  const wrong = named.filter(
    ({ page, anchor }) => !existsSync(join(root, page)) || (anchor !== undefined && !anchorsOf(page).includes(anchor)),
  );
  expect(wrong).toEqual([]);
});
