import { describe, expect, it } from 'vitest';
import {
  count,
  flag,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  recordOf,
  type Shape,
  text,
} from '../../../src/assess/snapshot/shape.js';

const SHAPES: readonly [string, Shape<unknown>, readonly unknown[], readonly unknown[]][] = [
  ['text', text, ['', 'a'], [1, null, undefined]],
  ['flag', flag, [true, false], [0, 'true']],
  ['count', count, [0, 7], [-1, 1.5, Number.NaN, '7', 2 ** 60]],
  ['number', number, [-1.5, 0], [Number.POSITIVE_INFINITY, Number.NaN, '1']],
  ['oneOf', oneOf('a', 'b'), ['a', 'b'], ['c', 'A', undefined]],
  ['nullable', nullable(flag), [null, true], [undefined, 1]],
  ['listOf', listOf(flag), [[], [true, false]], [[1], { 0: true }, null]],
  ['recordOf', recordOf(count), [{}, { a: 1 }], [{ a: 'x' }, [1], null]],
  ['object', object({ a: flag }), [{ a: true }], [{}, { a: 1 }, { a: true, b: 1 }, [], null]],
];

describe('a shape', () => {
  it.each(SHAPES)('%s takes what fits and nothing else', (_name, shape, fitting, others) => {
    for (const value of fitting) expect(shape.check('it', value)).toEqual(value);
    for (const value of others) {
      expect(() => shape.check('it', value)).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }));
    }
  });

  it('names where a value differs, however deep', () => {
    const shape = object({ pools: listOf(recordOf(object({ on: flag }))) });
    const wrong = { pools: [{}, { a: { on: 1 } }] };
    expect(() => shape.check('file', wrong)).toThrow('file.pools[1].a.on: expected true or false');
    expect(() => shape.check('file', { pools: [], more: 1 })).toThrow('file.more: is not part of this format');
  });
});
