import { describe, expect, it } from 'vitest';
import { assess } from '../../../../src/assess/assess.js';
import { UPDATE_FUNCTION } from '../../../../src/assess/fix/update-function.js';
import type { Snapshot } from '../../../../src/assess/snapshot/pool-snapshot.js';
import { assessmentPage } from '../../../../src/cli/commands/assess/page.js';
import { findingsSection, settledLinks } from '../../../../src/cli/commands/assess/page-findings.js';
import { context, newClient, pair } from '../../../assess/pools.js';
import { describeInBrowser } from '../../../support/browser-page.js';

const faulty = pair({
  legacy: { users: { linked: 3, total: 1_000_000 } },
  new: {
    ...newClient({ writeAttributes: null }),
    settings: { aliasAttributes: [], caseSensitive: true, deletionProtection: false },
  },
});
const section = (snapshot: Snapshot) => findingsSection(assess(snapshot, context)).text;

describe('the findings on the page', () => {
  it('are folded, but for the blockers', () => {
    const html = section(faulty);
    const open = [...html.matchAll(/<details class="panel finding (\w+)"( open)?>/g)].map(
      ([, severity, state = '']) => `${severity}${state}`,
    );
    expect(new Set(open)).toEqual(new Set(['blocker open', 'warning', 'info']));
    expect(open).toHaveLength(assess(faulty, context).findings.length);
  });

  it('begin with what is fixed at creation, a warning before a blocker', () => {
    const html = section(faulty);
    const places = ['Fixed at creation', 'voids every other fix', 'id="finding-case-sensitivity-differs"'];
    const order = [...places, 'Other blockers', 'id="finding-attribute-writable"', 'Other warnings', 'Other notes'];
    expect(order.map((one) => html.indexOf(one))).toEqual(
      order.map((one) => html.indexOf(one)).toSorted((a, b) => a - b),
    );
    expect(order.filter((one) => !html.includes(one))).toEqual([]);
  });

  it('state the shell function once, before the first fix, and only where a fix needs it', () => {
    const html = section(faulty);
    expect(html.match(/update_cognito\(\) \(/g)).toHaveLength(1);
    expect(html.indexOf('update_cognito() (')).toBeLessThan(html.indexOf('id="finding-'));
    expect(html).not.toContain('| jq &#39;.UserPool');
    expect(html).toContain('Needs the function <a href="#update-function">');
    expect(section(pair())).not.toContain('update_cognito');
  });

  it('have an anchor each, where several legacy pools have the same finding', () => {
    const [first] = faulty.legacy;
    const both = { ...faulty, legacy: [first!, { ...first!, userPoolId: 'eu-west-1_Other' }] };
    const ids = [...section(both).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['finding-linked-users', 'finding-linked-users-2']));
    const { text } = settledLinks({ settles: ['linked-users'] }, assess(both, context).findings);
    expect(text).toContain('Settles 2 warnings:');
    expect([...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual([
      'finding-linked-users',
      'finding-linked-users-2',
    ]);
  });

  it('have no links where a step settles nothing', () => {
    expect(settledLinks({ settles: [] }, assess(faulty, context).findings).text).toBe('');
  });

  it('may be none', () => {
    const nothing = { ...assess(pair(), context), findings: [] };
    expect(findingsSection(nothing).text).toContain('<p>Nothing was found.</p>');
  });
});

describeInBrowser(
  () => assessmentPage(assess(faulty, context)),
  (shown) => {
    it('are opened by the link of a step, without scripts', async () => {
      const finding = shown.tab.locator('details', { has: shown.tab.locator('#finding-linked-users') });
      expect(await finding.getAttribute('open')).toBeNull();
      await shown.tab.locator('#steps a[href="#finding-linked-users"]').click();
      expect(await finding.getAttribute('open')).not.toBeNull();
      expect(await finding.locator('summary').isVisible()).toBe(true);
      const box = await finding.locator('summary').boundingBox();
      expect(box?.y).toBeGreaterThanOrEqual(0);
      expect(box?.y).toBeLessThan(900);
    });

    it('are opened and closed with the keyboard', async () => {
      const finding = shown.tab.locator('details', { has: shown.tab.locator('#finding-deletion-protection-off') });
      await finding.locator('summary').focus();
      await shown.tab.keyboard.press('Enter');
      expect(await finding.getAttribute('open')).not.toBeNull();
      await shown.tab.keyboard.press('Space');
      expect(await finding.getAttribute('open')).toBeNull();
    });

    it('give a fix, or the function, whole at one click, to be copied into a shell', async () => {
      await shown.tab.evaluate('for (const folded of document.querySelectorAll("details")) folded.open = true');
      const selected = async (block: string) => {
        await shown.tab.locator(block).click();
        return ((await shown.tab.evaluate('getSelection().toString()')) as string).trimEnd();
      };
      expect(await selected('#update-function pre')).toBe(UPDATE_FUNCTION);
      expect(await selected('#finding-deletion-protection-off pre')).toBe(
        `update_cognito pool eu-west-1 eu-west-1_NewPool01 '.DeletionProtection = "ACTIVE"'`,
      );
    });

    it.each([1280, 768, 390])('come after numbers that stay whole, at %i pixels', async (width) => {
      await shown.tab.setViewportSize({ width, height: 900 });
      const heights = await shown.tab
        .locator('.card dd:nth-of-type(1)')
        .evaluateAll((numbers) => numbers.map((number) => number.getBoundingClientRect().height));
      await shown.tab.setViewportSize({ width: 1280, height: 900 });
      expect(Math.max(...heights)).toBeLessThan(45);
    });

    it('are all unfolded on paper', async () => {
      await shown.tab.evaluate('for (const folded of document.querySelectorAll("details")) folded.open = false');
      await shown.tab.emulateMedia({ media: 'print' });
      // The layout follows the change of the medium in its own time.
      const heights = () =>
        shown.tab
          .locator('details > .body')
          .evaluateAll((bodies) =>
            bodies.map((body) => (body.checkVisibility({ contentVisibilityAuto: true }) ? body.clientHeight : 0)),
          );
      await expect.poll(async () => Math.min(...(await heights())), { timeout: 5_000 }).toBeGreaterThan(20);
      expect((await heights()).length).toBeGreaterThan(5);
      await shown.tab.emulateMedia({ media: 'screen' });
    });
  },
);
