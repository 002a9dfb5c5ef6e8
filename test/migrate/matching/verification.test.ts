import { describe, expect, it } from 'vitest';
import { verification } from '../../../src/migrate/matching/verification.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../support/fake-directory.js';
import { type Change, user } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

const google: Change = { identities: [['Google', '42']], status: 'EXTERNAL_PROVIDER' };
const anna = (side: string, more: Change = {}): FakeUser =>
  user(side, {
    ...more,
    attributes: {
      email: 'anna@x.org',
      email_verified: 'true',
      phone_number: '+461',
      phone_number_verified: 'true',
      ...more.attributes,
    },
  });

/** What the new pool's anna comes to, and why. */
async function became(legacy: FakeUser, fresh: FakeUser, options: Partial<PlanOptions> = {}) {
  const opened = state();
  const pools = {
    legacyPools: [new FakeDirectory('old_1', { users: [legacy] })],
    newPool: new FakeDirectory('new_1', { users: [fresh] }),
  };
  await runPlan({ state: opened, ...pools, match: ['email'], clock: new AutoClock(), ...options });
  const [row] = [...readReportRows(opened)];
  return `${row?.outcome} ${row?.rule} ${row?.detail}`.trim();
}

const email = 'unverified  email finds old-sub, but is unverified';

describe('an address that an identity provider vouches for', () => {
  it.each<[string, FakeUser, FakeUser, string]>([
    [
      'in the new pool',
      anna('old'),
      anna('new', google),
      `${email} in the new pool (in the new pool it comes from identity provider Google)`,
    ],
    [
      'in the legacy pool',
      anna('old', google),
      anna('new'),
      `${email} in the legacy pool (in the legacy pool it comes from identity provider Google)`,
    ],
    [
      'in both pools, by different ones',
      anna('old', { identities: [['Okta', '7']] }),
      anna('new', google),
      `${email} in both pools (in the legacy pool it comes from identity provider Okta, in the new pool it comes from identity provider Google)`,
    ],
    [
      'for a user who was created in the pool and linked later',
      anna('old'),
      anna('new', { ...google, status: 'CONFIRMED' }),
      `${email} in the new pool (in the new pool it comes from identity provider Google)`,
    ],
    [
      'whose name is not known',
      anna('old'),
      anna('new', { status: 'EXTERNAL_PROVIDER' }),
      `${email} in the new pool (in the new pool it comes from an identity provider without a name)`,
    ],
    [
      'and calls unverified itself',
      anna('old'),
      anna('new', { ...google, attributes: { email_verified: 'false' } }),
      `${email} in the new pool`,
    ],
  ])('%s: does not count as verified', async (_, legacy, fresh, expected) => {
    expect(await became(legacy, fresh)).toBe(expected);
  });

  it('does not count as a verified phone number either', async () => {
    expect(await became(anna('old'), anna('new', google), { match: ['phone'] })).toBe(
      'unverified  phone finds old-sub, but is unverified in the new pool (in the new pool it comes from identity provider Google)',
    );
    const trusted = { match: ['phone'], trustProviderEmail: ['Google'] } as const;
    expect(await became(anna('old'), anna('new', google), trusted)).toBe('set phone');
  });

  it('counts where every provider of the user is trusted, by its name in the pool of the user', async () => {
    const okta: Change = { identities: [['Okta', '7']] };
    const both: Change = {
      identities: [
        ['Google', '42'],
        ['Okta', '7'],
      ],
    };
    const trust = (...trustProviderEmail: string[]) => ({ trustProviderEmail });
    expect(await became(anna('old'), anna('new', google), trust('Google'))).toBe('set email');
    expect(await became(anna('old', okta), anna('new', google), trust('Google', 'Okta'))).toBe('set email');
    expect(await became(anna('old', okta), anna('new', google), trust('Google'))).toContain(
      'from identity provider Okta',
    );
    expect(await became(anna('old'), anna('new', both), trust('Google'))).toContain('from identity provider Okta)');
    expect(await became(anna('old'), anna('new', both), trust('google'))).toContain(
      'from identity provider Google, Okta)',
    );
    expect(await became(anna('old'), anna('new', { status: 'EXTERNAL_PROVIDER' }), trust('Google'))).toMatch(
      /^unverified/,
    );
  });

  it('still speaks against a username that is trusted', async () => {
    const [old, fresh] = [anna('same'), anna('same', { ...google, attributes: { email: 'other@x.org' } })];
    const options = { match: ['username'], trustUsernames: true } as const;
    expect(await became(old, fresh, options)).toBe(
      'contradiction  username finds same-sub, but the verified e-mails differ',
    );
  });

  it('changes nothing for rule identity', async () => {
    const options = { match: ['identity', 'email'] } as const;
    expect(await became(anna('old', google), anna('new', google), options)).toBe('set identity');
  });

  it('is listed again when other providers are trusted', async () => {
    const opened = state();
    const newPool = new FakeDirectory('new_1', { users: [anna('new', google)] });
    const legacyPools = [new FakeDirectory('old_1', { users: [anna('old')] })];
    const controller = new AbortController();
    const run = { state: opened, legacyPools, newPool, clock: new AutoClock() };
    const stopped = runPlan({
      ...run,
      signal: controller.signal,
      onProgress: (event) => void (event.type === 'list' && event.side === 'new' && event.done && controller.abort()),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const { outcomes } = await runPlan({ ...run, trustProviderEmail: ['Google'] });
    expect(outcomes).toMatchObject({ set: 1, unverified: 0 });
  });
});

describe('which contacts of a user count', () => {
  const of = (attributes: Record<string, string>, status = 'CONFIRMED', trusted: readonly string[] = []) =>
    verification({ username: 'a', attributes, status } as unknown as FakeUserLike, trusted);
  const google = { identities: JSON.stringify([{ providerName: 'Google', userId: '42' }]) };
  const both = { email_verified: 'true', phone_number_verified: 'true' };

  it.each([
    [{}, 0],
    [{ email_verified: 'true' }, 1],
    [{ email_verified: 'True' }, 1],
    [{ phone_number_verified: 'TRUE' }, 2],
    [both, 3],
    [{ email_verified: 'false', phone_number_verified: '' }, 0],
    [{ email_verified: '1' }, 0],
  ])('of %j: %d', (attributes, verified) => {
    expect(of(attributes as Record<string, string>)).toEqual({ verified, provider: undefined });
  });

  it('are claimed where a provider that is not trusted has the user, and where it is not known which', () => {
    expect(of({ ...both, ...google })).toEqual({ verified: 12, provider: 'Google' });
    expect(of({ ...both, ...google }, 'CONFIRMED', ['Google'])).toEqual({ verified: 3, provider: undefined });
    expect(of(google)).toEqual({ verified: 0, provider: undefined });
    expect(of(both, 'EXTERNAL_PROVIDER', ['Google', ''])).toEqual({ verified: 12, provider: '' });
  });

  it.each([
    [{ phone_number_verified: 'true', email_verified: 'false' }, 'set phone'],
    [{ phone_number_verified: 'false', email_verified: 'true' }, 'unverified'],
  ])('for a phone number is its own flag: %j: %s', async (attributes, outcome) => {
    const [old, fresh] = [anna('old', { attributes }), anna('new', { attributes })];
    expect(await became(old, fresh, { match: ['phone'] })).toMatch(new RegExp(`^${outcome}`));
  });
});

type FakeUserLike = Parameters<typeof verification>[0];
