import { describe, expect, it } from 'vitest';
import { freezeJson } from '../../src/verify/freeze-json.js';

const nested = (levels: number) => JSON.parse(`${'{"a":['.repeat(levels / 2)}${']}'.repeat(levels / 2)}`) as object;

describe('freezeJson', () => {
  it('freezes to the bottom', () => {
    const json = JSON.parse('{"a":[{"b":{}}],"c":null,"d":"text"}');
    expect(freezeJson(json)).toBe(json);
    for (const part of [json, json.a, json.a[0], json.a[0].b]) expect(Object.isFrozen(part)).toBe(true);
  });

  it('leaves no key that turns into a prototype when copied', () => {
    const json = JSON.parse('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true},"kept":1}}');
    const copy = Object.assign({}, freezeJson(json), json.a) as { admin?: boolean };
    expect(copy.admin).toBeUndefined();
    expect(JSON.stringify(json)).toBe('{"a":{"kept":1}}');
  });

  it('counts the levels below such a key as well', () => {
    const hidden = JSON.parse(`{"__proto__":${JSON.stringify(nested(100))}}`) as object;
    expect(() => freezeJson(hidden)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });

  it('takes 64 levels and no more', () => {
    expect(() => freezeJson(nested(64))).not.toThrow();
    for (const levels of [66, 12_000]) {
      expect(() => freezeJson(nested(levels))).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
    }
  });
});
