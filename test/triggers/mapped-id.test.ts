import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { mappedIdOf } from '../../src/triggers/mapped-id.js';

const SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const OLD = '11111111-1111-4111-8111-111111111111';

describe('the store', () => {
  it.each([
    ['what it has', OLD, OLD],
    ['nothing', undefined, undefined],
    ['null', null, undefined],
  ])('says %s', async (_what, held, found) => {
    expect(await mappedIdOf({ store: { get: async () => held } }).fromStore(SUB)).toBe(found);
  });

  it('is asked for nobody without a sub, and for nothing where there is none', async () => {
    await expect(mappedIdOf({ store: new Map() }).fromStore(undefined)).rejects.toMatchObject({ reason: 'no sub' });
    expect(await mappedIdOf({}).fromStore(undefined)).toBeUndefined();
  });

  it('is at fault where it holds something else than a legacy id, or answers something else than text', async () => {
    const invalid = { code: 'ERR_LEGACY_ID_INVALID' };
    await expect(mappedIdOf({ store: new Map([[SUB, 'x']]) }).fromStore(SUB)).rejects.toMatchObject(invalid);
    await expect(mappedIdOf({ store: { get: () => 7 as never } }).fromStore(SUB)).rejects.toThrow(TypeError);
  });
});

describe('the attribute', () => {
  it.each([
    [{ 'custom:legacy_sub': OLD }, {}, OLD],
    [{ 'custom:legacy_sub': 'x' }, {}, undefined],
    [{}, {}, undefined],
    [{ 'custom:old': OLD }, { attribute: 'custom:old' }, OLD],
    [{ 'custom:legacy_sub': '4711' }, { format: /\d+/ }, '4711'],
    [{ 'custom:legacy_sub': OLD }, { attribute: null, store: new Map() }, undefined],
  ])('of %j, with %j, says %s', (attributes, options, found) => {
    const mappedId = mappedIdOf(options);
    expect(mappedId.fromAttribute(attributes as Record<string, string>)).toBe(found);
    expect(mappedId.trustsAttribute).toBe(!('attribute' in options && options.attribute === null));
  });
});

it.each([
  ['store', { store: {} }],
  ['store', { store: null }],
  ['attribute', { attribute: null }],
  ['attribute', { attribute: '' }],
  ['format', { format: 'UUID' }],
])('names a wrong %s', (option, options) => {
  expect(() => mappedIdOf(options as never)).toThrow(ConfigurationError);
  expect(() => mappedIdOf(options as never)).toThrow(expect.objectContaining({ option }));
});
