import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { PhaseView } from '../../../../src/cli/commands/dashboard/panels/phase-panel.js';
import { systemClock } from '../../../../src/clock.js';
import { amount } from '../../../support/amount.js';
import { CHROMIUM, HAS } from '../../../support/tools.js';
import { everyOutcome, type Migration, startMigration } from '../../migration.js';
import { drainReport, type ServedOptions, serveDashboard } from './served.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RUN_AXE = "axe.run(document, { resultTypes: ['violations'], preload: false })";
const WIDTH = 'document.documentElement.scrollWidth';

/** Each layout and each set of colours: they do not depend on each other. axe takes a second of CPU for each. */
const SCREENS = (
  [
    { width: 390, colorScheme: 'dark' },
    { width: 1280, colorScheme: 'light' },
  ] as const
).slice(0, amount(1, 2));

const DAY_MS = 86_400_000;

const phase = async (): Promise<PhaseView> => ({
  ...{ isSet: true, phase: 'announced' },
  plan: { announceFrom: new Date(Date.now() - DAY_MS), acceptUntil: new Date(Date.now() + 30 * DAY_MS) },
});
const drain = async () => drainReport(Date.now());
const fails = async () => {
  throw new Error('connect ECONNREFUSED 127.0.0.1:6379');
};

describe.skipIf(!HAS.chromium)('the dashboard, in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  /** The page, and everything that the browser complained about or asked others for. */
  async function open(options: ServedOptions, more: BrowserContextOptions = {}) {
    const served = await serveDashboard({ clock: systemClock, ...options });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: false, ...more });
    onTestFinished(() => context.close());
    const tab = await context.newPage();
    const troubles: string[] = [];
    tab.on('console', (message) => troubles.push(message.text()));
    tab.on('pageerror', (error) => troubles.push(error.message));
    tab.on('request', (request) => {
      if (!request.url().startsWith(served.address)) troubles.push(request.url());
    });
    await tab.goto(served.address);
    return { tab, troubles, ...served };
  }

  async function planned(): Promise<Migration> {
    const migration = await startMigration(everyOutcome());
    onTestFinished(() => migration[Symbol.asyncDispose]());
    await migration.command('plan');
    return migration;
  }

  const live = (tab: Page) => tab.waitForSelector('.live.on');

  it('is for everybody, on every screen, in light and dark, whatever it shows', async () => {
    const { state } = await planned();
    const states: Readonly<Record<string, ServedOptions>> = {
      full: { state, stores: { drain, phase } },
      'nothing yet': {},
      'every store fails': { stores: { drain: fails, phase: fails } },
    };
    for (const [name, options] of Object.entries(states).slice(0, amount(1, 3))) {
      const { tab, troubles } = await open(options);
      await live(tab);
      await tab.evaluate(AXE);
      await tab.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true");
      // What fails looks alike on every screen.
      for (const { width, colorScheme } of name === 'full' ? SCREENS : SCREENS.slice(0, 1)) {
        await tab.setViewportSize({ width, height: 900 });
        await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const { violations } = (await tab.evaluate(RUN_AXE)) as AxeResults;
        expect([name, width, violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([name, width, []]);
      }
      for (const width of [768, 390, 320]) {
        await tab.setViewportSize({ width, height: 900 });
        expect([name, width, await tab.evaluate(WIDTH)]).toEqual([name, width, width]);
      }
      expect(troubles).toEqual([]);
    }
  });

  it('shows what happens while it is open, and keeps the focus and what is unfolded', async () => {
    const migration = await planned();
    const { tab, troubles } = await open({ state: migration.state, stores: { drain } });
    await live(tab);
    await tab.evaluate("document.querySelector('#traffic details').open = true");
    await tab.locator('.choice a').nth(1).focus();
    await migration.command('apply', ['--yes']);
    await tab.waitForSelector('text=1 of 1 written', { timeout: 20_000 });
    expect(await tab.evaluate('document.activeElement.textContent')).toBe('7 days');
    expect(await tab.evaluate("document.querySelector('#traffic details').open")).toBe(true);
    expect(await tab.locator('#backfill time').textContent()).toMatch(/^\d\d:\d\d:\d\d UTC$/);
    expect(troubles).toEqual([]);
  });

  it('finds a user by keyboard, and goes back', async () => {
    const { state } = await planned();
    const { tab } = await open({ state });
    await live(tab);
    const names = () => tab.locator('#for-a-person td.name').allTextContents();
    await tab.locator('select[name=show]').focus();
    await tab.keyboard.type('everybody');
    await tab.keyboard.press('Tab');
    await tab.keyboard.type('gus');
    await tab.keyboard.press('Enter');
    await tab.waitForURL(/show=everybody&name=gus/);
    await expect.poll(names).toEqual(['gus-a', 'gus-b']);
    await tab.goBack();
    await expect.poll(async () => (await names()).length).toBe(7);
    expect(await tab.locator('input[name=name]').inputValue()).toBe('');
  });

  it('does the same without scripts', async () => {
    const { state } = await planned();
    const { tab } = await open({ state, stores: { drain, phase } }, { javaScriptEnabled: false });
    await tab.selectOption('select[name=show]', 'duplicate');
    await tab.click('button');
    expect(await tab.locator('#for-a-person td.name').allTextContents()).toEqual(['gus-a', 'gus-b']);
    await tab.click('text=7 days');
    expect(await tab.locator('[aria-current]').textContent()).toBe('7 days');
    expect(await tab.locator('#for-a-person td.name').allTextContents()).toEqual(['gus-a', 'gus-b']);
    expect(await tab.locator('.live').textContent()).toMatch(/^As of \d/);
  });

  it('cannot be shown in a frame, or read, by another page of this machine', async () => {
    const { state } = await planned();
    const { address } = await serveDashboard({ state });
    const other = await serveDashboard();
    const tab = await (await browser.newContext({ bypassCSP: true })).newPage();
    onTestFinished(() => tab.context().close());
    await tab.goto(`http://127.0.0.1:${other.port}/`);
    const read = `fetch(${JSON.stringify(address)}).then((answer) => answer.text(), () => 'refused')`;
    expect(await tab.evaluate(read)).toBe('refused');
    const run = `new Promise((resolve) => {
      const script = document.createElement('script');
      script.src = ${JSON.stringify(`${address}users.csv`)};
      script.onload = () => resolve('ran');
      script.onerror = () => resolve('refused');
      document.body.append(script);
    })`;
    expect(await tab.evaluate(run)).toBe('refused');
    const framed = `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = ${JSON.stringify(address)};
      frame.onload = () => resolve('loaded');
      document.body.append(frame);
    })`;
    await tab.evaluate(framed);
    const texts = await Promise.all(tab.frames().map((frame) => frame.evaluate('document.body?.innerText ?? ""')));
    expect(texts.join('\n')).not.toContain('mallory');
  });

  it('says when the command has ended', async () => {
    const { tab, port } = await open({});
    await live(tab);
    await tab.route('**/events', (route) => route.abort());
    await tab.evaluate('dispatchEvent(new Event("pagehide")); dispatchEvent(new Event("pageshow"))');
    await tab.waitForSelector('.live.off');
    expect(await tab.locator('.live').textContent()).toMatch(/^Not live: no answer from the command\./);
    expect(port).toBeGreaterThan(0);
  });
});
