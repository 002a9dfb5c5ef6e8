import { describe, expect, it } from 'vitest';
import { assess } from '../../../../src/assess/assess.js';
import type { Snapshot } from '../../../../src/assess/snapshot/pool-snapshot.js';
import { assessmentPage } from '../../../../src/cli/commands/assess/page.js';
import { samlOnly } from '../../../assess/pool-pairs/saml-only.js';
import { client, context, newClient, newParts, pair } from '../../../assess/pools.js';
import { describeInBrowser } from '../../../support/browser-page.js';

const hostile = `<img src=x onerror=alert(1)>"'&</td></table><script>document.title='owned'</script>`;
const unread = { known: 'no', permission: 'cognito-idp:ListGroups', reason: 'denied' } as const;

/** Much is wrong here, and names are not what one would wish. */
function troubled(): Snapshot {
  const snapshot = pair({
    legacy: {
      settings: { name: hostile, mfa: 'OPTIONAL' },
      mfa: { softwareToken: true },
      clients: [client(), client({ id: 'job', name: hostile, oauthFlows: ['client_credentials'], hasSecret: true })],
      users: { disabled: 5, byStatus: { CONFIRMED: 700, UNCONFIRMED: 95, EXTERNAL_PROVIDER: 205 }, linked: 3 },
    },
    new: {
      ...newClient({ writeAttributes: null, readAttributes: null, name: 'a-long-name-without-a-break-'.repeat(4) }),
      settings: { ...newParts.settings, aliasAttributes: [], customDomain: 'auth.shop.example' },
    },
  });
  return { ...snapshot, legacy: snapshot.legacy.map((pool) => ({ ...pool, groups: unread })) };
}

const page = (snapshot: Snapshot) => assessmentPage(assess(snapshot, context));

describe('the page', () => {
  it('says so where nothing is wrong', () => {
    const calm = page(pair());
    expect(calm).toContain('Nothing blocks, and there are no warnings.');
    expect(calm).not.toContain('could not be made');
  });

  it('begins with the verdict, the ways, the steps and the cost, before any finding', () => {
    const html = page(troubled());
    const order = [
      '<h1>',
      'class="verdict blocked"',
      'id="ways"',
      'id="steps"',
      'id="cost"',
      'id="findings"',
      'id="users"',
    ];
    expect(order.map((one) => html.indexOf(one))).toEqual(
      order.map((one) => html.indexOf(one)).toSorted((a, b) => a - b),
    );
    expect(order.filter((one) => !html.includes(one))).toEqual([]);
  });

  it('says in a sentence why a curve is flat', () => {
    expect(page(pair())).toContain(
      '<p class="flat">Users of identity providers: all of them have moved after 7 days.</p>',
    );
  });

  it('leads to no part that is not there', () => {
    for (const snapshot of [troubled(), { ...pair(), new: null }]) {
      const html = page(snapshot);
      const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
      expect(targets.filter((id) => !html.includes(`id="${id}"`))).toEqual([]);
      expect(targets).not.toEqual([]);
    }
  });

  it('is there before the new pool is, and for pools without users', () => {
    const { users } = newParts;
    const empty = { ...users, total: 0, native: 0, byProvider: {}, byStatus: {}, disabled: 0 };
    const nobody = { ...empty, ableToSignIn: 0, ableToSignInFederated: 0, lastModifiedNative: [] };
    const alone = page({ ...pair({ legacy: { users: { ...nobody, lastModifiedFederated: [] } } }), new: null });
    expect(alone).toContain('There are no users to move.');
    expect(alone).not.toMatch(/NaN|undefined/);
  });

  it('says what each step settles, what to do without a second pool, and that nothing costs anything', () => {
    const html = page(samlOnly.snapshot);
    expect(html).toContain(
      'Settles 2 notes:</span> <a class="info" href="#finding-endpoints-change">Every URL of the pool changes</a> · <a class="info" href="#finding-client-ids-change">',
    );
    expect(html).toContain('<p class="next">No user of the legacy pool has a password');
    expect(html).toContain('<p>Nothing: users arrive by signing in');
  });

  it('leaves out what depends on users that could not be listed', () => {
    const users = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;
    const blind = page({ ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, users })) });
    expect(blind).toContain('Its users could not be listed.');
    expect(blind).toContain('<code>cognito-idp:ListUsers</code>');
    expect(blind).not.toContain('id="curve"');
    expect(blind).not.toContain('href="#steps"');
    expect(blind).toContain('The ways, the steps and the cost depend on the number of users');
    expect(blind).toContain('<p class="verdict warn">No blocker was found, but');
  });
});

describeInBrowser(
  () => page(troubled()),
  (shown) => {
    it('loads nothing else, runs nothing, and shows hostile names as text', async () => {
      expect(shown.requests).toEqual([shown.address]);
      expect(shown.troubles).toEqual([]);
      expect(await shown.tab.title()).toBe('Migration assessment');
      expect(await shown.tab.locator('img, script, style + style, [style]').count()).toBe(0);
      expect(await shown.tab.locator('#clients tbody th', { hasText: hostile }).count()).toBe(1);
    });

    it('shows the worst finding first, with the lines of its fix as lines', async () => {
      const first = shown.tab.locator('.finding').first();
      expect(await first.locator('.badge').textContent()).toBe('Blocker');
      const writable = shown.tab.locator('.finding', { hasText: 'attribute-writable' });
      const lines = await writable.locator('pre .code-line').allTextContents();
      expect(lines.filter((line) => line.startsWith('update_cognito client '))).toHaveLength(1);
      expect(lines.join('\n')).not.toContain('\\u000a');
    });

    it('draws the curve inside its frame, rising from left to right, with a word for each point', async () => {
      const boxes = await shown.tab
        .locator('.plot .line')
        .evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().toJSON()));
      const frame = await shown.tab.locator('.plot svg').boundingBox();
      expect(boxes).toHaveLength(2);
      for (const box of boxes) {
        expect(box.width).toBeGreaterThan(frame!.width * 0.8);
        expect(box.height).toBeGreaterThan(frame!.height * 0.5);
      }
      expect(await shown.tab.locator('.axis-x span').count()).toBe(9);
      expect(await shown.tab.locator('.plot svg').getAttribute('aria-label')).toContain('50.0% (400) after 30 days');
    });

    it('draws each share of a bar, and none so narrow that it is missed', async () => {
      const widths = await shown.tab
        .locator('#ways .whole rect:not(.track)')
        .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
      expect(widths).toHaveLength(await shown.tab.locator('#ways .legend li').count());
      expect(Math.min(...widths)).toBeGreaterThan(3);
    });

    it('shows the checks that passed in green, blockers in red', async () => {
      const colour = (card: string) =>
        shown.tab.evaluate(`getComputedStyle(document.querySelector('.card.${card} dd')).color`);
      expect(await colour('passed')).toBe('rgb(29, 122, 75)');
      expect(await colour('blocker')).toBe('rgb(179, 38, 30)');
    });

    it.each([
      ['screen', 1280],
      ['screen', 768],
      ['screen', 390],
      ['print', 688],
    ] as const)('keeps the rows of every table low on %s at %i pixels', async (media, width) => {
      await shown.tab.emulateMedia({ media });
      await shown.tab.setViewportSize({ width, height: 900 });
      const heights = (rows: string) =>
        shown.tab.locator(rows).evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
      const [numbers, notes] = [await heights('.costs tbody tr:first-child'), await heights('.costs .note-row')];
      const others = await heights('.settings tbody tr, .clients tbody tr');
      await shown.tab.emulateMedia({ media: 'screen' });
      await shown.tab.setViewportSize({ width: 1280, height: 900 });
      expect(numbers.length).toBeGreaterThan(0);
      expect(notes).toHaveLength(numbers.length);
      // A row of numbers is a line, or on a phone a line for each number; a note has a few lines.
      expect(Math.max(...numbers)).toBeLessThan(width === 390 ? 220 : 60);
      expect(Math.max(...notes)).toBeLessThan(width === 390 ? 220 : 110);
      expect(Math.max(...others)).toBeLessThan(width === 390 ? 400 : 320);
    });

    it('lets nothing be wider than the screen of a phone, unfolded too', async () => {
      await shown.tab.setViewportSize({ width: 390, height: 900 });
      await shown.tab.evaluate('for (const folded of document.querySelectorAll("details")) folded.open = true');
      const wide = await shown.tab
        .locator('main *')
        .evaluateAll((all) =>
          all.filter((one) => one.getBoundingClientRect().right > 390).map((one) => one.outerHTML.slice(0, 200)),
        );
      expect(wide).toEqual([]);
    });

    it('turns tables into labelled lists on a phone, and keeps the words of the chart apart', async () => {
      await shown.tab.setViewportSize({ width: 390, height: 900 });
      const label = await shown.tab.evaluate(
        "getComputedStyle(document.querySelector('#settings td'), '::before').content",
      );
      expect(label).toBe('"legacy"');
      const tags = await shown.tab
        .locator('.clients tbody tr:last-child .tag:not(th .tag)')
        .evaluateAll((all) => all.map((tag) => tag.getBoundingClientRect().left));
      expect(tags.length).toBeGreaterThan(1);
      // To the right of the label, both of them.
      expect(Math.min(...tags)).toBeGreaterThan(100);
      const words = await shown.tab
        .locator('.axis-x span')
        .evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().toJSON()));
      expect(words.every((word, at) => at === 0 || word.left >= words[at - 1].right - 1)).toBe(true);
    });
  },
);
