import { describe, expect, it } from 'vitest';
import { type Asked, admit } from '../../../../src/cli/commands/dashboard/admission.js';

const SECRET = 'Zm9yLXRoaXMtdGVzdC1vbmx5';

const ask = ({ method = 'GET', url = `/${SECRET}/`, headers = {} }: Partial<Asked> = {}) =>
  admit({ method, url, headers: { host: '127.0.0.1:4711', ...headers } }, SECRET);

describe('what is answered', () => {
  it.each([
    ['127.0.0.1', { host: '127.0.0.1:4711' }],
    ['localhost, which a tunnel may give another port', { host: 'localhost:8080' }],
    ['IPv6', { host: '[::1]:4711' }],
    ['a name in capitals', { host: 'LOCALHOST:4711' }],
    ['an address that was typed', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['the page itself', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:4711' }],
    [
      'a link that a person follows',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ],
  ])('%s', (_, headers) => {
    expect(ask({ headers })).toMatchObject({ path: '/' });
  });

  it('is told apart by what follows the secret', () => {
    const { path, query } = ask({ url: `/${SECRET}/users.csv?show=failed` }) as {
      path: string;
      query: URLSearchParams;
    };
    expect([path, query.get('show')]).toEqual(['/users.csv', 'failed']);
  });
});

describe('what is refused', () => {
  it.each([
    ['a name that leads here: DNS rebinding', { headers: { host: 'attacker.example:4711' } }, 421],
    ['a name that ends like ours', { headers: { host: 'localhost.attacker.example' } }, 421],
    ['another address of this machine', { headers: { host: '192.168.1.7:4711' } }, 421],
    ['the same address in another form', { headers: { host: '2130706433:4711' } }, 421],
    ['a user name before the address', { headers: { host: 'attacker.example@127.0.0.1' } }, 421],
    ['a host that is none', { headers: { host: 'a b' } }, 400],
    ['no host', { headers: { host: undefined } }, 400],
    ['another page of this machine', { headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' } }, 403],
    ['another page anywhere', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } }, 403],
    [
      'a frame in another page',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } },
      403,
    ],
    ['another origin', { headers: { origin: 'http://127.0.0.1:3000' } }, 403],
    ['an origin that hides', { headers: { origin: 'null' } }, 403],
    ['a wrong secret', { url: `/${SECRET.toLowerCase()}/` }, 404],
    ['the beginning of the secret', { url: `/${SECRET.slice(0, -1)}/` }, 404],
    ['no secret', { url: '/' }, 404],
    ['the secret without its slash', { url: `/${SECRET}` }, 404],
    ['the address of a proxy request', { url: `http://127.0.0.1/${SECRET}/` }, 404],
    ['no address', { url: '' }, 404],
    ['a change', { method: 'POST' }, 405],
    ['a question about what is allowed', { method: 'OPTIONS' }, 405],
  ])('%s', (_, asked, refused) => {
    const answer = ask(asked as Partial<Asked>);
    expect(answer).toMatchObject({ refused });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });
});
