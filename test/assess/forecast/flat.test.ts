import { describe, expect, it } from 'vitest';
import { whyFlat } from '../../../src/assess/forecast/flat.js';

const DAYS = [1, 7, 30, 90, 365] as const;
const why = (users: number, ...moved: number[]) =>
  whyFlat({ whose: 'Users', users, points: moved.map((amount, at) => ({ days: DAYS[at] ?? 0, moved: amount })) });

describe('the reason for a flat curve', () => {
  it.each<[what: string, users: number, moved: number[], sentence: string | undefined]>([
    ['is not needed for a curve that rises', 10, [1, 2, 3, 4, 5], undefined],
    ['is not needed for a curve that rises to the end', 5, [1, 2, 3, 4, 5], undefined],
    [
      'names each flat stretch',
      10,
      [1, 1, 2, 3, 3],
      'Users: the curve is flat from 1 to 7 and from 90 to 365 days, because none of them was last changed that long ago.',
    ],
    [
      'names a long stretch once',
      10,
      [0, 2, 2, 2, 3],
      'Users: the curve is flat from 7 to 90 days, because none of them was last changed that long ago.',
    ],
    ['says when everyone has moved', 10, [1, 10, 10, 10, 10], 'Users: all of them have moved after 7 days.'],
    [
      'says both',
      10,
      [1, 1, 10, 10, 10],
      'Users: the curve is flat from 1 to 7 days, because none of them was last changed that long ago. After that it rises: all of them have moved after 30 days.',
    ],
    [
      'says so where nobody is expected to move',
      10,
      [0, 0, 0, 0, 0],
      'Users: none of them was changed within the past 365 days, so the curve stays at zero.',
    ],
    ['says so where there is nobody', 0, [0, 0, 0, 0, 0], 'Users: nobody can sign in, so there is no curve.'],
  ])('%s', (_what, users, moved, sentence) => expect(why(users, ...moved)).toBe(sentence));

  it('is nothing for no curve', () => expect(why(3)).toBeUndefined());
});
