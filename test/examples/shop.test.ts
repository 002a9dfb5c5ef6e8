import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { amount } from '../support/amount.js';
import { CHROMIUM, HAS } from '../support/tools.js';
import { spawnShop, started } from './express-app-process.js';

const PASSWORD = 'Correct-horse-7';

let child: ChildProcess;
let shop = '';

beforeAll(async () => {
  child = spawnShop();
  ({ address: shop } = await started(child));
});
afterAll(() => {
  child.kill();
});

interface Sent {
  readonly headers?: Record<string, string>;
  readonly cookie?: string;
}

const read = (path: string, { headers = {}, cookie }: Sent = {}) =>
  fetch(`${shop}${path}`, { headers: { ...headers, ...(cookie !== undefined && { cookie }) }, redirect: 'manual' });
const send = (
  path: string,
  fields: Record<string, string>,
  { headers = { 'sec-fetch-site': 'same-origin' } }: Sent = {},
) => fetch(`${shop}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
const anna = { at: 'legacy', username: 'anna', password: PASSWORD };

async function session(fields: Record<string, string>): Promise<string> {
  const response = await send('/sign-in', fields);
  const [cookie = ''] = response.headers.getSetCookie();
  return cookie.split(';', 1).join();
}

describe('the session of the shop', () => {
  it('is a cookie that no script reads, and that only the pages accept', async () => {
    const response = await send('/sign-in', anna);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/');
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^session=ey[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/);

    const sent = cookie.split(';', 1).join();
    const page = await read('/', { cookie: sent });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<li>a lamp</li>');
    // The API takes no cookie: other sites can make a browser send one.
    expect((await read('/orders', { cookie: sent })).status).toBe(401);
  });

  it('is bound to HTTPS and to this host, except on localhost', async () => {
    // fetch() does not let the Host header be set.
    const { request } = await import('node:http');
    const body = `${new URLSearchParams(anna)}`;
    const headers = {
      host: 'shop.example.com',
      origin: 'https://shop.example.com',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
    };
    const cookies = await new Promise<readonly string[] | undefined>((resolve, reject) => {
      const sent = request(`${shop}/sign-in`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.headers['set-cookie']);
      });
      sent.on('error', reject).end(body);
    });
    const bound = (name: string) =>
      expect.stringMatching(new RegExp(`^__Host-${name}=[^;]+; Path=/; HttpOnly; Secure; SameSite=Lax$`));
    expect(cookies).toEqual([bound('session'), bound('legacy')]);
  });

  it('ends with the sign-out', async () => {
    const response = await send('/sign-out', {});
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=; .*Expires=Thu, 01 Jan 1970/)]);
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another site, in a browser that does not say so', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['nobody knows where', {}],
  ])('is neither begun nor ended by a form of %s', async (_, headers) => {
    for (const response of [await send('/sign-in', anna, { headers }), await send('/sign-out', {}, { headers })]) {
      expect(response.status).toBe(403);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
  });

  it.each([
    ['a wrong password', { ...anna, password: 'wrong' }],
    ['somebody unknown', { ...anna, username: 'nobody' }],
    ['a pool that is not offered', { ...anna, at: 'constructor' }],
    ['half a form', { at: 'legacy', username: 'anna' }],
  ])('does not begin with %s, and all of these read the same', async (_, fields) => {
    const response = await send('/sign-in', fields);
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toContain('User name or password is wrong.');
  });

  it('leads whoever loads the address of a form again to the shop', async () => {
    const responses = await Promise.all([read('/sign-in'), read('/sign-out')]);
    expect(responses.map(({ headers }) => headers.get('location'))).toEqual(['/', '/']);
  });

  it('shows nothing of the visitor as HTML', async () => {
    const response = await send('/sign-in', { ...anna, username: '"><script>alert(1)</script>' });
    expect(await response.text()).toContain('value="&quot;&gt;&lt;script&gt;');
  });

  it('lets no page run scripts, be framed or be cached', async () => {
    const cookie = await session({ ...anna, at: 'new', username: 'cleo' });
    const answers = [
      await read('/'),
      await read('/', { cookie }),
      await read('/signed-out'),
      await send('/sign-in', {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 200, 401]);
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('a session of the old pool', () => {
  /** What a browser sends after this answer. */
  const cookiesOf = (response: Response) =>
    response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';', 1).join())
      .filter((cookie) => !cookie.endsWith('='))
      .join('; ');
  const signedIn = async (fields: Record<string, string>) => cookiesOf(await send('/sign-in', fields));
  const stay = (cookie: string, site = 'same-origin') =>
    send('/stay-signed-in', {}, { headers: { cookie, 'sec-fetch-site': site } });

  it('moves to the new pool without a password, once', async () => {
    const cookie = await signedIn(anna);
    const moved = await stay(cookie);
    expect([moved.status, moved.headers.get('location')]).toEqual([303, '/?stayed']);
    expect(moved.headers.getSetCookie()[1]).toMatch(/^legacy=; .*Expires=Thu, 01 Jan 1970/);
    const page = await (await read('/?stayed', { cookie: cookiesOf(moved) })).text();
    for (const text of ['You stayed signed in', '>New pool<', '<li>a lamp</li>']) expect(page).toContain(text);
    expect(page).not.toContain('action="/stay-signed-in"');
    // The legacy token was used.
    expect(await (await stay(cookie)).text()).toContain('This session cannot be moved.');
  });

  it('stays where it is without an account in the new pool', async () => {
    const cookie = await signedIn({ ...anna, username: 'bert' });
    const refused = await stay(cookie);
    const page = await refused.text();
    expect([refused.status, refused.headers.getSetCookie()]).toEqual([200, []]);
    for (const text of ['role="alert"', 'This session cannot be moved.', '>Old pool<']) expect(page).toContain(text);
  });

  it.each([
    ['a form of another site', async () => stay(await signedIn(anna), 'cross-site'), 403],
    ['somebody who is not signed in', () => stay(''), 303],
    ['a session of the new pool', async () => stay(await signedIn({ ...anna, at: 'new' })), 303],
    [
      "somebody else's legacy token",
      async () => {
        const [mine = '', theirs = ''] = [await signedIn(anna), await signedIn({ ...anna, username: 'bert' })];
        return stay(`${mine.split('; ')[0]}; ${theirs.split('; ')[1]}`);
      },
      200,
    ],
  ])('is not moved for %s', async (_, ask, status) => {
    const response = await ask();
    expect([response.status, response.headers.getSetCookie()]).toEqual([status, []]);
    expect(response.headers.get('location') ?? '/').toBe('/');
  });
});

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RUN_AXE = "axe.run(document, { resultTypes: ['violations'], preload: false })";
const WIDTH = 'document.documentElement.scrollWidth';

describe.skipIf(!HAS.chromium)('the shop, in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function open(options: BrowserContextOptions): Promise<Page> {
    // The pages have no scripts, and their policy would refuse axe-core.
    const context = await browser.newContext({ ...options, bypassCSP: true });
    onTestFinished(() => context.close());
    const tab = await context.newPage();
    await tab.goto(shop);
    return tab;
  }

  /** What axe-core finds on the page as it is now, and whether it scrolls sideways. */
  async function expectGood(tab: Page): Promise<void> {
    await tab.evaluate(AXE);
    const { violations } = (await tab.evaluate(RUN_AXE)) as AxeResults;
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join()}`)).toEqual([]);
    expect(await tab.evaluate(WIDTH)).toBeLessThanOrEqual(tab.viewportSize()?.width ?? 0);
  }
  const heading = (tab: Page) => tab.getByRole('heading', { level: 1 }).textContent();
  const fact = (tab: Page, name: string) =>
    tab
      .locator('dl > div', { has: tab.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
      .locator('dd')
      .textContent();

  const screens: [string, BrowserContextOptions][] = [
    ['on a phone, dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
    ['on a desk, light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ];
  it.each(screens.slice(0, amount(1, 2)))(
    'shows one person the same orders from either pool, and refuses whom it cannot name: %s',
    async (_, options) => {
      const tab = await open(options);
      await expectGood(tab);
      const seen: (string | null)[][] = [];
      for (const [who, pool] of [
        ['Anna, old pool', 'Old pool'],
        ['Anna, new pool', 'New pool'],
      ] as const) {
        await tab.getByRole('button', { name: who }).click();
        expect(await heading(tab)).toBe('Your orders');
        expect(await tab.getByRole('listitem').allTextContents()).toEqual(['a lamp', 'a chair']);
        expect(await tab.getByText(pool, { exact: true }).count()).toBe(1);
        seen.push([await fact(tab, 'User id'), await fact(tab, 'sub'), await fact(tab, 'custom:legacy_sub')]);
        await expectGood(tab);
        await tab.getByRole('button', { name: 'Sign out' }).click();
        expect(await tab.getByRole('status').textContent()).toBe('You are signed out.');
      }
      // The old session becomes one of the new pool, without a password.
      await tab.getByRole('button', { name: 'Anna, old pool' }).click();
      await tab.getByRole('button', { name: 'Stay signed in' }).click();
      expect(await tab.getByRole('status').textContent()).toContain('You stayed signed in');
      expect(await tab.getByText('New pool', { exact: true }).count()).toBe(1);
      expect(await fact(tab, 'User id')).toBe(seen[0]?.[0]);
      await expectGood(tab);
      await tab.getByRole('button', { name: 'Sign out' }).click();

      const [[legacyUser, legacySub, none] = [], [newUser, newSub, claim] = []] = seen;
      expect([legacySub, newUser, claim, none]).toEqual([legacyUser, legacyUser, legacyUser, 'not in the token']);
      expect(newSub).not.toBe(legacySub);

      await tab.getByRole('button', { name: 'Cleo' }).click();
      expect(await heading(tab)).toBe('We do not know yet which orders are yours');
      expect(await tab.getByText('ERR_LEGACY_ID_MISSING').count()).toBe(1);
      await expectGood(tab);
      await tab.getByRole('button', { name: 'Sign out' }).click();

      await tab.getByRole('button', { name: 'Anna, an hour ago' }).click();
      expect(await tab.getByRole('heading', { name: 'Your sign-in has expired' }).count()).toBe(1);
      await expectGood(tab);
    },
  );

  it('works by keyboard alone, and without JavaScript', async () => {
    const tab = await open({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    const press = async (...keys: string[]) => {
      for (const key of keys) {
        await tab.keyboard.press(key);
        if (key === 'Tab') expect(await tab.locator(':focus-visible').count()).toBe(1);
      }
    };
    // The name of the shop, then the pools.
    await press('Tab', 'Tab', 'ArrowDown', 'Tab');
    await tab.keyboard.type('anna');
    await press('Tab');
    await tab.keyboard.type(PASSWORD);
    await press('Enter');
    await tab.getByRole('heading', { name: 'Your orders' }).waitFor();
    expect(await tab.getByText('New pool', { exact: true }).count()).toBe(1);
    await press('Tab', 'Tab', 'Enter');
    await tab.getByRole('status').waitFor();

    // A wrong password is said where it is heard, and the name and the pool need not be given again.
    await tab.getByLabel('New pool').check();
    await tab.getByLabel('User name').fill('anna');
    await tab.getByLabel('Password').fill('wrong');
    await press('Enter');
    expect(await tab.getByRole('alert').textContent()).toBe('User name or password is wrong.');
    expect(await tab.getByLabel('User name').inputValue()).toBe('anna');
    expect(await tab.getByLabel('New pool').isChecked()).toBe(true);
  });
});
