import { expect, it } from 'vitest';
import { OUTCOME_TEXTS } from '../../../src/cli/wording/outcome-texts.js';
import { OUTCOMES_FOR_A_PERSON } from '../../../src/migrate/control/attention.js';
import { OUTCOMES } from '../../../src/migrate/outcomes.js';

it('gives a reason and a next step to exactly the outcomes that are for a person', () => {
  const forAPerson = OUTCOMES.filter((outcome) => OUTCOME_TEXTS[outcome].kind === 'person');
  expect([...OUTCOMES_FOR_A_PERSON].sort()).toEqual([...forAPerson].sort());
  for (const outcome of OUTCOMES) {
    const text = OUTCOME_TEXTS[outcome];
    expect('reason' in text && 'nextStep' in text).toBe(text.kind === 'person');
  }
});
