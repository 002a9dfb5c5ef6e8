import { describe, expect, it } from 'vitest';
import { checkAttribute, checkSchema, requireUnwritable } from '../../../src/migrate/preflight/attribute-check.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure, LEGACY_SUB } from '../support/fake-directory.js';

const CLOSED = { clientId: 'web', clientName: 'web', writeAttributes: ['email'], readAttributes: [] };
const OPEN = { clientId: 'old', clientName: '', writeAttributes: undefined, readAttributes: [] };

const asked = (options: FakeDirectoryOptions) => ({
  directory: new FakeDirectory('eu-west-1_New', { schema: [LEGACY_SUB], clients: [CLOSED], ...options }),
  ...{ attribute: 'custom:legacy_sub', longestValue: 36, clock: new AutoClock(), signal: undefined },
});

describe('the schema', () => {
  it('passes with a String that is long enough', () => checkSchema(asked({})));

  it.each<[string, FakeDirectoryOptions, string]>([
    ['without the attribute', { schema: [] }, 'has no attribute custom:legacy_sub'],
    ['of another type', { schema: [{ ...LEGACY_SUB, type: 'Number' }] }, 'is a Number, not a String'],
    ['that cannot be changed', { schema: [{ ...LEGACY_SUB, mutable: false }] }, 'is immutable'],
    ['that is too short', { schema: [{ ...LEGACY_SUB, maxLength: 35 }] }, 'takes 35 characters'],
  ])('is refused %s', async (_name, options, message) => {
    await expect(checkSchema(asked(options))).rejects.toMatchObject({
      code: 'ERR_ATTRIBUTE',
      message: expect.stringContaining(message),
    });
  });
});

describe('an attribute that users can write', () => {
  const check = (options: FakeDirectoryOptions, allowWritableAttribute = false) => {
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    return checkAttribute({ ...asked(options), allowWritableAttribute, warn }).then(() => warnings);
  };

  it('is refused, naming the app client', async () => {
    await expect(check({ clients: [CLOSED, OPEN] })).rejects.toMatchObject({
      code: 'ERR_ATTRIBUTE',
      message: expect.stringContaining('can be written by app client old: users could become any legacy user'),
    });
  });

  it('is warned about where that was accepted', async () => {
    expect(await check({ clients: [OPEN] }, true)).toEqual([expect.stringContaining('app client old')]);
  });

  it('is only warned about where identity providers may not be read, and refused for a trusted attribute', async () => {
    const options: FakeDirectoryOptions = {
      before: (operation) => {
        if (operation === 'ListIdentityProviders') throw failure('credentials', operation);
      },
    };
    expect(await check(options)).toEqual([expect.stringContaining('cognito-idp:ListIdentityProviders')]);
    await expect(requireUnwritable(asked(options))).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
  });

  it('cannot be trusted', async () => {
    await requireUnwritable(asked({}));
    await expect(requireUnwritable(asked({ clients: [OPEN] }))).rejects.toMatchObject({
      code: 'ERR_ATTRIBUTE',
      message: expect.stringContaining('--trust-attribute is refused'),
    });
  });
});
