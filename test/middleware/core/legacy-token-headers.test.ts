import { OutgoingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { checkLegacyTokenHeaders, type LegacyTokenHeaders } from '../../../middleware/core/legacy-token-headers.js';
import { ConfigurationError } from '../../../src/errors.js';

const announced = (option: LegacyTokenHeaders, res = new OutgoingMessage()) => {
  checkLegacyTokenHeaders(option)?.(res);
  return { ...res.getHeaders() };
};

describe('the headers on answers to legacy tokens', () => {
  it('are written as their RFCs say', () => {
    expect(
      announced({
        deprecation: new Date('2026-01-31T00:00:00.900Z'),
        sunset: new Date('2026-06-30T23:59:59Z'),
        link: 'https://example.com/new sign-in?a=<b>',
      }),
    ).toEqual({
      deprecation: '@1769817600',
      sunset: 'Tue, 30 Jun 2026 23:59:59 GMT',
      link: '<https://example.com/new%20sign-in?a=%3Cb%3E>; rel="deprecation"; type="text/html"',
    });
  });

  it.each([
    [{ deprecation: new Date(0) }, ['deprecation']],
    [{ sunset: new Date(0) }, ['sunset']],
    [{ link: 'https://example.com/' }, ['link']],
    [{ link: 'http://example.com/' }, ['link']],
    [{ deprecation: new Date(5), sunset: new Date(5) }, ['deprecation', 'sunset']],
  ])('are only those asked for: %j', (option, names) => {
    expect(Object.keys(announced(option))).toEqual(names);
  });

  it('stand beside links of the application', () => {
    const res = new OutgoingMessage();
    res.setHeader('Link', '</orders?page=2>; rel="next"');
    expect(announced({ link: 'https://example.com/' }, res)['link']).toEqual([
      '</orders?page=2>; rel="next"',
      '<https://example.com/>; rel="deprecation"; type="text/html"',
    ]);
  });

  it('leave links of the application alone where they have none', () => {
    const res = new OutgoingMessage();
    res.setHeader('Link', '</orders?page=2>; rel="next"');
    expect(announced({ sunset: new Date(0) }, res)['link']).toBe('</orders?page=2>; rel="next"');
  });

  it('stand there once, however often the middleware does', () => {
    const res = new OutgoingMessage();
    const option = { deprecation: new Date(0), sunset: new Date(0), link: 'https://example.com/' };
    const once = announced(option, res);
    expect(announced(option, res)).toEqual(once);
  });

  it('are none without the option', () => {
    expect(checkLegacyTokenHeaders(undefined)).toBeUndefined();
  });
});

it.each([
  ['legacyTokenHeaders', true],
  ['legacyTokenHeaders', {}],
  ['legacyTokenHeaders.sunSet', { sunSet: new Date() }],
  ['legacyTokenHeaders.deprecation', { deprecation: '2026-01-01' }],
  ['legacyTokenHeaders.sunset', { sunset: new Date('never') }],
  ['legacyTokenHeaders.sunset', { deprecation: new Date(2), sunset: new Date(1) }],
  ['legacyTokenHeaders.link', { link: '/migration' }],
  ['legacyTokenHeaders.link', { link: 'javascript:alert(1)' }],
  ['legacyTokenHeaders.link', { link: 7 }],
])('a wrong option is named: %s', (option, given) => {
  const check = () => checkLegacyTokenHeaders(given as LegacyTokenHeaders);
  expect(check).toThrow(ConfigurationError);
  expect(check).toThrow(expect.objectContaining({ option }));
});
