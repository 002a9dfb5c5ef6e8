import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, HAS } from './tools.js';

/** A page that a file holds, shown in Chromium. */
export interface BrowserPage {
  readonly address: string;
  readonly tab: Page;
  /** What the page wrote to its console, and errors of its scripts. */
  readonly troubles: readonly string[];
  /** Everything it asked for, itself first. */
  readonly requests: readonly string[];
}

/** Cases about one HTML page in a browser, with those that hold for each of ours. `html` is called once. */
export function describeInBrowser(html: () => string, cases: (page: BrowserPage) => void): void {
  describe.skipIf(!HAS.chromium)('in a browser', () => {
    let dir: string;
    let address: string;
    const troubles: string[] = [];
    const requests: string[] = [];
    let browser: Browser;
    let tab: Page;

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'cutover-page-'));
      const file = join(dir, 'page.html');
      writeFileSync(file, html());
      address = pathToFileURL(file).href;
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      tab.on('console', (message) => troubles.push(message.text()));
      tab.on('pageerror', (error) => troubles.push(error.message));
      tab.on('request', (request) => requests.push(request.url()));
      await tab.goto(address);
    });
    afterAll(async () => {
      await browser.close();
      rmSync(dir, { recursive: true });
    });

    cases({
      get address() {
        return address;
      },
      get tab() {
        return tab;
      },
      troubles,
      requests,
    });

    it.each([1280, 768, 390, 320])('fits a screen of %i pixels without scrolling sideways', async (width) => {
      await tab.setViewportSize({ width, height: 900 });
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    });

    it('is dark where the reader wants it, and never on paper', async () => {
      const background = () => tab.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor");
      await tab.emulateMedia({ colorScheme: 'dark' });
      expect(await background()).toBe('rgb(27, 34, 43)');
      await tab.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await background()).toBe('rgb(255, 255, 255)');
    });
  });
}
