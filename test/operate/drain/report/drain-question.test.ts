import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../../src/errors.js';
import { checkDrainQuestion } from '../../../../src/operate/drain/report/drain-question.js';

describe('checkDrainQuestion', () => {
  it.each([
    {},
    { refreshTokenSeconds: 0, tokenSeconds: 300, expectInstances: 3, legacyPools: ['eu-west-1_Legacy000'] },
    { refreshTokenSeconds: undefined, legacyPools: [] },
  ])('accepts %j', (question) => {
    expect(() => checkDrainQuestion(question)).not.toThrow();
  });

  it.each([
    ['refreshTokenSeconds', { refreshTokenSeconds: -1 }],
    ['refreshTokenSeconds', { refreshTokenSeconds: Number.NaN }],
    ['refreshTokenSeconds', { refreshTokenSeconds: '30d' }],
    ['tokenSeconds', { tokenSeconds: 0 }],
    ['expectInstances', { expectInstances: 0 }],
    ['expectInstances', { expectInstances: 1.5 }],
    ['legacyPools', { legacyPools: 'eu-west-1_Legacy000' }],
    ['legacyPools[0]', { legacyPools: [''] }],
  ])('names %s in %j', (option, question) => {
    expect(() => checkDrainQuestion(question as never)).toThrow(ConfigurationError);
    expect(() => checkDrainQuestion(question as never)).toThrow(option);
  });
});
