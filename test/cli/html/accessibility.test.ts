import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { formatSnapshot } from '../../../src/assess/snapshot/snapshot-file.js';
import { samlOnly } from '../../assess/pool-pairs/saml-only.js';
import { client, newClient, pair } from '../../assess/pools.js';
import { amount } from '../../support/amount.js';
import { folder } from '../../support/folder.js';
import { CHROMIUM, HAS } from '../../support/tools.js';
import { HOSTILE_NAMES, REPORT_STATES } from '../report-states.js';
import { run } from '../support.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const [hostile = ''] = HOSTILE_NAMES;

/** The page of an assessment, made by the command. */
async function assessment(snapshot: Snapshot): Promise<string> {
  const dir = folder();
  const [from, html] = [join(dir, 'snapshot.json'), join(dir, 'assess.html')];
  writeFileSync(from, formatSnapshot(snapshot));
  await run(['assess', '--snapshot', from, '--html', html]);
  return readFileSync(html, 'utf8');
}

/** Much is wrong, names are hostile, and not everything could be read. */
function troubled(): Snapshot {
  const users = { disabled: 5, byStatus: { CONFIRMED: 700, UNCONFIRMED: 95, EXTERNAL_PROVIDER: 205 }, linked: 3 };
  const clients = [client(), client({ id: 'job', name: hostile, oauthFlows: ['client_credentials'], hasSecret: true })];
  const unread = { known: 'no', permission: 'cognito-idp:ListGroups', reason: 'denied' } as const;
  const snapshot = pair({
    legacy: { settings: { name: hostile, mfa: 'OPTIONAL' }, mfa: { softwareToken: true }, clients, users },
    new: newClient({ writeAttributes: null, readAttributes: null, name: 'a-long-name-without-a-break-'.repeat(4) }),
  });
  return { ...snapshot, legacy: snapshot.legacy.map((pool) => ({ ...pool, groups: unread })) };
}

const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  ...Object.fromEntries(
    Object.entries(REPORT_STATES)
      // Long, and made of the same parts.
      .filter(([name]) => name !== 'more users than a page shows')
      .map(([name, make]) => [`the report: ${name}`, async () => (await make()).html]),
  ),
  'the assessment: nothing is wrong': () => assessment(pair()),
  'the assessment: much is wrong': () => assessment(troubled()),
  'the assessment: the new pool does not exist': () => assessment({ ...pair(), new: null }),
  'the assessment: nobody has a password': () => assessment(samlOnly.snapshot),
};

/** Each layout and each set of colours: they do not depend on each other. `npm test` takes one of them for each third page. */
const SCREENS = [
  { width: 1280, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;
/** A sheet of A4 with its margins. */
const PAPER_WIDTH = 688;

const UNFOLD = "for (const folded of document.querySelectorAll('details')) folded.open = true";
const SCROLLS = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
const RUN_AXE = "axe.run(document, { resultTypes: ['violations'], preload: false })";

/** What the keyboard should reach, in this order. */
const REACHABLE = "[...document.querySelectorAll('a[href], summary')].filter((one) => one.checkVisibility())";
/** Which of them has the focus, whether one sees it, and whether it leads anywhere. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  const reachable = ${REACHABLE};
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const inner = one.getAttribute('href')?.startsWith('#') ? one.getAttribute('href').slice(1) : undefined;
  return {
    at: reachable.indexOf(one),
    count: reachable.length,
    isSeen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    leads: inner === undefined || document.getElementById(inner) !== null,
    isFolded: one.matches('details:not([open]) > summary'),
  };
})()`;

interface Focused {
  readonly count: number;
  readonly at: number;
  readonly isSeen: boolean;
  readonly leads: boolean;
  readonly isFolded: boolean;
}

describe.skipIf(!HAS.chromium)('every page, in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function show(html: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const tab = await context.newPage();
    await tab.setContent(html);
    return tab;
  }

  const pages = Object.entries(PAGES).map(([name, make], index) => [name, index, make] as const);
  const tried = pages.filter(([, index]) => index % amount(3, 1) === 0);
  it.each(tried)('%s: for everybody, on every screen, by keyboard, without scripts', async (_, index, make) => {
    const html = await make();
    const screens = SCREENS.filter((_, at) => at === index % 2 || amount(0, 1) === 1);
    // What the page itself runs is switched off; what this test asks the browser is not.
    const [seen, typed] = [await show(html), await show(html, { javaScriptEnabled: false })];
    const [problems] = await Promise.all([problemsOf(seen, screens), expectKeyboard(typed)]);
    expect(problems).toEqual([]);
  });

  /** What axe-core finds, and where the page is too wide. Folded parts are looked at too. */
  async function problemsOf(tab: Page, screens: readonly (typeof SCREENS)[number][]): Promise<readonly string[]> {
    const found: string[] = [];
    const measure = async (where: string) => {
      if (await tab.evaluate(SCROLLS)) found.push(`${where}: scrolls sideways`);
    };
    await tab.evaluate(AXE);
    await tab.evaluate(UNFOLD);
    for (const { width, colorScheme } of screens) {
      await tab.setViewportSize({ width, height: 900 });
      await tab.emulateMedia({ colorScheme });
      const { violations } = (await tab.evaluate(RUN_AXE)) as AxeResults;
      for (const { id, nodes } of violations) {
        const [first] = nodes.map((node) => node.html);
        found.push(`${width} pixels, ${colorScheme}: ${id}: ${first} (${nodes.length} in all)`);
      }
    }
    for (const width of [1280, 768, 390, 320]) {
      await tab.setViewportSize({ width, height: 900 });
      await measure(`${width} pixels`);
    }
    await tab.setViewportSize({ width: PAPER_WIDTH, height: 900 });
    await tab.emulateMedia({ media: 'print' });
    await measure('paper');
    return found;
  }

  /** Tab reaches each link and fold in turn, one sees where it is, and Enter unfolds. */
  async function expectKeyboard(tab: Page): Promise<void> {
    let count = (await tab.evaluate(`${REACHABLE}.length`)) as number;
    for (let at = 0; at < count; at++) {
      await tab.keyboard.press('Tab');
      const { isFolded, ...focused } = (await tab.evaluate(FOCUSED)) as Focused;
      expect(focused).toEqual({ at, count: focused.count, isSeen: true, leads: true });
      if (isFolded) await tab.keyboard.press('Enter');
      // What is in the fold comes next.
      count = isFolded ? ((await tab.evaluate(`${REACHABLE}.length`)) as number) : focused.count;
    }
    expect(await tab.evaluate("document.querySelectorAll('details:not([open])').length")).toBe(0);
  }
});
