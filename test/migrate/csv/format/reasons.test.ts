import { expect, it } from 'vitest';
import { REASON_TEXTS, refusal } from '../../../../src/migrate/csv/format/reasons.js';

it('names the attribute or status that a reason is about, and nothing where it is about none', () => {
  expect(refusal('no-sub')).toEqual({ reason: 'no-sub', name: '' });
  for (const text of Object.values(REASON_TEXTS)) expect(text('NAME')).toMatch(/^(?!.*undefined)\S.*[^.\s]$/);
  expect(REASON_TEXTS.status('ARCHIVED')).toBe('users of status ARCHIVED cannot be imported');
});
