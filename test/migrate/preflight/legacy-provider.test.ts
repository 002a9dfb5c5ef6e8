import { describe, expect, it } from 'vitest';
import type { IdentityProvider } from '../../../src/directory/user-types.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows, readStatus } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, type FakeUser, failure } from '../support/fake-directory.js';
import { BEN, type Change, closed, EVE, legacyPools, planned, user, VICTIM } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

describe('people who sign in through the legacy pool', () => {
  const through = (userId: string, more: Change = {}, provider = 'Old_Pool') =>
    user(`${provider}_${userId}`, { identities: [[provider, userId]], ...more });
  const became = async (one: FakeUser, options: Partial<PlanOptions> = { legacyProvider: 'Old_Pool' }) =>
    (await planned([one], options)).became[one.username];

  it('are proven to be the legacy user of that sub, stamped or not, in whatever legacy pool', async () => {
    expect(await became(through(VICTIM, { value: VICTIM }))).toBe('ok identity');
    expect(await became(through(VICTIM))).toBe('set identity');
    expect(await became(through(EVE))).toBe('set identity');
  });

  it('are recognised whatever the case of the sub', async () => {
    const { opened, became } = await planned([through(VICTIM.toUpperCase())], { legacyProvider: 'Old_Pool' });
    expect(Object.values(became)).toEqual(['set identity']);
    expect([...readReportRows(opened)][0]?.legacySub).toBe(VICTIM);
  });

  it('are not recognised at another provider, in whatever spelling, nor by the username alone', async () => {
    expect(await became(through(VICTIM, {}, 'Old'))).toBe('new-born');
    expect(await became(through(VICTIM, {}, 'old_pool'))).toBe('new-born');
    expect(await became(user(`Old_Pool_${VICTIM}`))).toBe('new-born');
    const forged = JSON.stringify([{ providerName: 'Old_Pool', userId: VICTIM }]);
    expect(await became(user('mallory', { attributes: { 'custom:identities': forged } }))).toBe('new-born');
  });

  it('are recognised at one of several providers, and not where two of them name two people', async () => {
    const both = (userId: string) => [['Google', '42'] as [string, string], ['Old_Pool', userId] as [string, string]];
    expect(await became(user('ann', { identities: both(VICTIM) }))).toBe('set identity');
    const two = user('ann', { identities: [...both(VICTIM), ['Old_Pool', BEN]] });
    expect(await became(two)).toBe('ambiguous');
    // What a provider says of an e-mail address counts neither for anybody nor against the identity, unless it is trusted.
    const bens = through(VICTIM, { email: 'ben@x.org' });
    expect(await became(bens)).toBe('set identity');
    expect(await became(bens, { legacyProvider: 'Old_Pool', trustProviderEmail: ['Old_Pool'] })).toBe('contradiction');
  });

  it('are unexplained where that legacy user is gone, and the value says where it comes from', async () => {
    const { details } = await planned([through('gone', { value: 'gone' })], { legacyProvider: 'Old_Pool' });
    expect(details).toEqual({
      Old_Pool_gone: `the attribute holds "gone", which is not the sub of a legacy user; it is the user's id at the identity provider Old_Pool`,
    });
  });

  it('are told from forged values without the option, with the provider that would prove them', async () => {
    const { became, details, result } = await planned([
      through(VICTIM, { value: VICTIM }),
      user('mallory', { value: BEN, identities: [['Google', '42']] }),
    ]);
    expect(became).toEqual({ [`Old_Pool_${VICTIM}`]: 'unexplained', mallory: 'unexplained' });
    expect(details).toEqual({
      [`Old_Pool_${VICTIM}`]: `the attribute holds "${VICTIM}", the sub of a legacy user; it is the user's id at the identity provider Old_Pool`,
      mallory: `the attribute holds "${BEN}", the sub of a legacy user`,
    });
    expect(result.stamped).toEqual({ trustable: 2, providers: { Old_Pool: 1 } });
  });

  it('are not confused by a legacy user with an identity at a provider of the same name', async () => {
    const newPool = new FakeDirectory('new_1', { users: [through(VICTIM)], ...closed });
    const users = [user('victim', { sub: VICTIM }), user('mallory', { sub: 'm', identities: [['Old_Pool', VICTIM]] })];
    const opened = state();
    const legacyPools = [new FakeDirectory('old_1', { users })];
    await runPlan({ state: opened, legacyPools, newPool, clock: new AutoClock(), legacyProvider: 'Old_Pool' });
    expect([...readReportRows(opened)]).toMatchObject([{ outcome: 'set', legacySub: VICTIM }]);
  });

  it.each<[string, Partial<PlanOptions>]>([
    ['without the rule it is proof for', { match: ['email'] }],
    ['where the provider map gives the name to another', { providerMap: { Okta: 'Old_Pool' } }],
    ['without a name', { legacyProvider: '' }],
  ])('cannot be named %s', async (_, options) => {
    const run = planned([], { legacyProvider: 'Old_Pool', ...options });
    await expect(run).rejects.toMatchObject({ code: 'ERR_CONFIGURATION', option: 'legacyProvider' });
  });
});

describe('a legacy provider', () => {
  const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/old_1';
  const oldPool: IdentityProvider = {
    name: 'Old_Pool',
    mappedAttributes: [],
    type: 'OIDC',
    issuer,
    usernameFrom: 'sub',
  };
  async function run(options: FakeDirectoryOptions, opened = state()) {
    const newPool = new FakeDirectory('new_1', { users: [user('ann')], ...options });
    const clock = new AutoClock();
    await runPlan({ state: opened, legacyPools: legacyPools(), newPool, clock, legacyProvider: 'Old_Pool' });
    return readStatus(opened).warnings;
  }

  it.each<[string, Partial<IdentityProvider>]>([
    ['has the issuer of a legacy pool', {}],
    [
      'has the issuer of the second one, in the other form',
      { issuer: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/old_2/' },
    ],
    ['says no more than its name', { type: undefined, issuer: undefined, usernameFrom: undefined }],
  ])('that %s is used without a word', async (_, change) => {
    expect(await run({ providers: [{ ...oldPool, ...change }] })).toEqual([]);
  });

  it.each<[string, Partial<IdentityProvider>, RegExp]>([
    [
      'has another issuer',
      { issuer: 'https://example.okta.com/xold_1' },
      /issuer https:..example.okta.com.xold_1, which is not the legacy pools old_1, old_2/,
    ],
    [
      'takes the user id from what people choose',
      { usernameFrom: 'preferred_username' },
      /takes the user id from preferred_username, not from sub/,
    ],
    [
      'is not an OIDC provider',
      { type: 'SAML', issuer: undefined },
      /is of type SAML, so it cannot be the legacy pools/,
    ],
  ])('that %s is warned of', async (_, change, warning) => {
    expect(await run({ providers: [{ ...oldPool, ...change }] })).toEqual([expect.stringMatching(warning)]);
  });

  it('that the new pool does not have is warned of, with the names of those it has', async () => {
    const provider = (name: string) => ({ name, mappedAttributes: [] });
    const warned = async (providers: IdentityProvider[], text: RegExp) =>
      expect(await run({ providers })).toEqual([expect.stringMatching(text)]);
    await warned(
      [provider('old_pool'), provider('Google')],
      /^Pool new_1 has no .* Old_Pool, .* it has old_pool, Google\.$/,
    );
    await warned([], /it has none\.$/);
    await warned(
      Array.from({ length: 12 }, (_, i) => provider(`P${i}`)),
      /P8, P9 and 2 more\.$/,
    );
  });

  it.each(['ListIdentityProviders', 'DescribeIdentityProvider'])(
    'is used unchecked where %s is not allowed',
    async (operation) => {
      const before = (called: string) => {
        if (called === operation) throw failure('credentials', operation);
      };
      expect(await run({ providers: [oldPool], before })).toEqual([
        `The identity provider Old_Pool of pool new_1 cannot be read (cognito-idp:${operation}): whether it is the legacy pool was not checked.`,
      ]);
    },
  );

  it('is not used with credentials that have expired', async () => {
    const before = (called: string) => {
      if (called === 'ListIdentityProviders') throw failure('credentials', called, 'ExpiredTokenException');
    };
    await expect(run({ providers: [oldPool], before })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
  });

  it('is not used while AWS cannot tell', async () => {
    const before = (called: string) => {
      if (called === 'ListIdentityProviders') throw failure('answer', called);
    };
    await expect(run({ providers: [oldPool], before })).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
  });
});
