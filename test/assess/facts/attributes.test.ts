import { describe, expect, it } from 'vitest';
import {
  defaultReadList,
  defaultWriteList,
  filledBy,
  hasList,
  leastWriteList,
  listNote,
  mappedAttributes,
  mappedByProvider,
  mappingAttribute,
  mayWrite,
  otherName,
} from '../../../src/assess/facts/attributes.js';
import { attribute, client, google, legacyParts } from '../pools.js';

const ATTRIBUTE = 'custom:legacy_sub';
const { settings } = legacyParts;

describe('the lists of an app client', () => {
  it.each([[null], [[]]])('%j is none, and allows everything', (list) => {
    expect(hasList(list)).toBe(false);
    expect(mayWrite(client({ writeAttributes: list }), ATTRIBUTE)).toBe(true);
  });

  it('allow what they hold and nothing else', () => {
    expect(mayWrite(client({ writeAttributes: ['email'] }), ATTRIBUTE)).toBe(false);
    expect(mayWrite(client({ writeAttributes: [ATTRIBUTE] }), ATTRIBUTE)).toBe(true);
  });

  it('stand for the standard attributes where none is set, and never for a custom one', () => {
    expect(defaultWriteList(settings)).toEqual(['email', 'name']);
    expect(defaultReadList(settings)).toEqual(['sub', 'email', 'email_verified', 'name']);
  });

  it('are never empty for a client that has to write nothing', () => {
    expect(leastWriteList(settings)).toEqual(['email']);
    expect(leastWriteList({ schema: [attribute('sub', { required: true }), attribute('locale')] })).toEqual(['locale']);
    expect(leastWriteList({ schema: [] })).toEqual(['zoneinfo']);
  });

  it('come with a note where the application may need more', () => {
    expect(listNote(settings, ATTRIBUTE)).toContain('custom:tenant.');
    expect(listNote({ schema: [attribute(ATTRIBUTE)] }, ATTRIBUTE)).toBe('');
  });
});

describe('what identity providers fill', () => {
  const more = { 'custom:tenant': 't', 'custom:gone': 'g' };
  const okta = {
    ...google,
    name: 'Okta',
    attributeMapping: { username: 'sub', email_verified: 'ev', [ATTRIBUTE]: 'id', ...more },
  };

  it('is what they map, but for the username, the attribute and what Cognito alone writes', () => {
    expect(filledBy([okta.attributeMapping, google.attributeMapping], ATTRIBUTE)).toEqual([
      'custom:tenant',
      'custom:gone',
      'email',
      'name',
    ]);
  });

  it('concerns a client that offers them', () => {
    const of = (...identityProviders: string[]) => mappedAttributes({ identityProviders }, [google, okta], ATTRIBUTE);
    expect([of('Google'), of('COGNITO')]).toEqual([['email', 'name'], []]);
  });

  it('is by provider what the pool has and the default list lacks', () => {
    expect(mappedByProvider([google, okta], settings, ATTRIBUTE)).toEqual({ Okta: ['custom:tenant'] });
  });
});

describe('the mapping attribute', () => {
  it('can be changed, and holds the longest value there is', () => {
    expect(mappingAttribute(ATTRIBUTE)).toMatchObject({ mutable: true, required: false, maximum: 2048 });
  });

  it('has a replacement of a name that is free and not too long', () => {
    expect(otherName(ATTRIBUTE, [])).toBe('custom:legacy_sub_2');
    expect(otherName(ATTRIBUTE, [attribute('custom:legacy_sub_2')])).toBe('custom:legacy_sub_3');
    expect(otherName('custom:abcdefghijklmnopqrst', [])).toBe('custom:abcdefghijklmnopqr_2');
  });
});
