import { describe, expect, it } from 'vitest';
import { runPlan } from '../../src/migrate/plan.js';
import { readReportRows } from '../../src/migrate/report.js';
import type { PlanOptions } from '../../src/migrate/run-options.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory } from './support/fake-directory.js';
import { EVE, user, VICTIM } from './support/stamped-pools.js';
import { state } from './support/workspace.js';

/** Two legacy users have the id `anna`, each at another provider. Answers whom the new pool's `Okta/anna` comes to. */
async function oktaAnna(options: Partial<PlanOptions>, settings: { adminCreateUserOnly?: boolean } = {}) {
  const legacy = new FakeDirectory('old_1', {
    users: [
      user('Okta_anna', { sub: VICTIM, identities: [['Okta', 'anna']] }),
      user('OldOkta_anna', { sub: EVE, identities: [['OldOkta', 'anna']] }),
    ],
    ...settings,
  });
  const anna = user('Okta_anna', { identities: [['Okta', 'anna']] });
  const providers = [{ name: 'Okta', mappedAttributes: [] }];
  const directory = new FakeDirectory('new_1', { users: [anna], providers, ...settings });
  const opened = state();
  await runPlan({ state: opened, legacyPools: [legacy], newPool: directory, clock: new AutoClock(), ...options });
  const [row] = [...readReportRows(opened)];
  return row && `${row.outcome} ${row.rule} ${row.legacySub}`.trim();
}

describe('a provider map', () => {
  it('gives a name to one provider alone, and not to the legacy provider that has it', async () => {
    const providerMap = { OldOkta: 'Okta' };
    expect(await oktaAnna({ providerMap, match: ['identity'] })).toBe(`set identity ${EVE}`);
    expect(await oktaAnna({ providerMap: { Ping: 'Okta' }, match: ['identity'] })).toBe('new-born');
  });

  it('may say that a name stays', async () => {
    expect(await oktaAnna({ providerMap: { Okta: 'Okta' }, match: ['identity'] })).toBe(`set identity ${VICTIM}`);
    expect(await oktaAnna({ match: ['identity'] })).toBe(`set identity ${VICTIM}`);
  });

  it('holds for the usernames that Cognito makes of providers as well', async () => {
    const closed = { adminCreateUserOnly: true };
    expect(await oktaAnna({ match: ['username'] }, closed)).toBe(`set username ${VICTIM}`);
    expect(await oktaAnna({ match: ['username'], providerMap: { Ping: 'Okta' } }, closed)).toBe('new-born');
    expect(await oktaAnna({ match: ['username'], providerMap: { Okta: 'Ping' } }, closed)).toBe('new-born');
    expect(await oktaAnna({ legacyProvider: 'Okta' }, closed)).toBe('new-born');
    expect(await oktaAnna({ providerMap: { OldOkta: 'Okta' } }, closed)).toBe(`set identity ${EVE}`);
  });

  it.each<[unknown, string]>([
    ['Okta', 'providerMap'],
    [{ Okta: '' }, 'providerMap.Okta'],
  ])('is refused as %j', async (providerMap, option) => {
    const run = oktaAnna({ providerMap: providerMap as Record<string, string> });
    await expect(run).rejects.toMatchObject({ code: 'ERR_CONFIGURATION', option });
  });
});
