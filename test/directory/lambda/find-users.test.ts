import { describe, expect, it } from 'vitest';
import { attributesOf } from '../../../src/directory/lambda/find-users.js';

describe('attributesOf', () => {
  it('is every attribute by name', () => {
    expect(attributesOf([{ Name: 'email', Value: 'a@example.com' }, { Name: 'empty' }])).toEqual({
      email: 'a@example.com',
      empty: '',
    });
    expect(attributesOf(undefined)).toEqual({});
  });
});
