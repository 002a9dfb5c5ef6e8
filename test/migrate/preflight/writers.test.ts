import { describe, expect, it } from 'vitest';
import { checkAttribute } from '../../../src/migrate/preflight/attribute-check.js';
import { clientWriters, providerWriters } from '../../../src/migrate/preflight/writers.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, failure } from '../support/fake-directory.js';
import { client, NAME } from '../support/stamped-pools.js';

describe('an app client', () => {
  it.each<[string, readonly string[] | undefined, string, boolean]>([
    ['without a list writes a custom attribute', undefined, 'custom:staff', true],
    ['without a list writes a standard attribute', undefined, 'preferred_username', true],
    ['with an empty list writes as if it had none', [], 'custom:staff', true],
    ['with a list writes what is in it', ['email', 'custom:staff'], 'custom:staff', true],
    ['with a list writes the standard attribute in it', ['preferred_username'], 'preferred_username', true],
    ['with a list writes nothing else', ['email'], 'custom:staff', false],
    ['never writes what only IAM can write', undefined, 'dev:custom:staff', false],
  ])('%s', (_, list, attribute, writes) => {
    expect(clientWriters([client(list)], attribute)).toEqual(writes ? ['app client web (c1)'] : []);
  });
});

describe('an identity provider', () => {
  it('writes what its mapping names, what only IAM can write too', () => {
    const providers = [
      { name: 'Google', mappedAttributes: ['email'] },
      { name: 'Okta', mappedAttributes: ['email', 'dev:custom:staff'] },
    ];
    expect(providerWriters(providers, 'dev:custom:staff')).toEqual(['identity provider Okta']);
  });
});

describe('the check before a write', () => {
  const check = (directory: FakeDirectory) => {
    const warnings: string[] = [];
    const done = checkAttribute({
      directory,
      attribute: NAME,
      longestValue: 36,
      allowWritableAttribute: false,
      clock: new AutoClock(),
      signal: undefined,
      warn: (message) => warnings.push(message),
    });
    return { done, warnings };
  };
  const failing = (...error: Parameters<typeof failure>) =>
    new FakeDirectory('new_1', {
      before: (operation) => {
        if (operation === 'ListIdentityProviders') throw failure(...error);
      },
    });

  it('takes an empty list of a client for none', async () => {
    const { done } = check(new FakeDirectory('new_1', { clients: [client([])] }));
    await expect(done).rejects.toMatchObject({
      code: 'ERR_ATTRIBUTE',
      message: expect.stringContaining('app client web'),
    });
  });

  it('ends where identity providers cannot be read at present', async () => {
    const outage = check(failing('unavailable', 'ListIdentityProviders'));
    await expect(outage.done).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    const expired = check(failing('credentials', 'ListIdentityProviders', 'ExpiredTokenException'));
    await expect(expired.done).rejects.toMatchObject({ kind: 'credentials' });
    expect([...outage.warnings, ...expired.warnings]).toEqual([]);
  });

  it('warns where they must not be read, or the server has none', async () => {
    for (const [kind, exception] of [
      ['credentials', 'AccessDeniedException'],
      ['refused', 'UnknownOperationException'],
    ] as const) {
      const { done, warnings } = check(failing(kind, 'ListIdentityProviders', exception));
      await done;
      expect(warnings).toEqual([expect.stringContaining('cognito-idp:ListIdentityProviders')]);
    }
  });
});
