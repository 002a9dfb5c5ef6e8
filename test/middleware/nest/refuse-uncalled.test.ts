import { expect, it } from 'vitest';
import { refuseUncalled } from '../../../middleware/nest/refuse-uncalled.js';

/** With Nest itself: test/middleware/nest.test.ts. */
type Guard = { canActivate?(): unknown };

it.each([
  ['CutoverGuard', 'new CutoverGuard({…})'],
  ['cutoverGuard', 'cutoverGuard({…})'],
  ['requireUser', 'requireUser()'],
  ['requireScope', "requireScope('…')"],
])('%s in the place of a guard refuses, and says how to call it', (name, call) => {
  const given = () => {};
  refuseUncalled({ [name]: given });
  expect(() => (given as Guard).canActivate?.()).toThrow(`${name}: was passed without being called. Call it: ${call}`);
});

it('a class that extends what was given is none that was not called', () => {
  class Guarding {}
  refuseUncalled({ CutoverGuard: Guarding });
  class Extended extends Guarding {}
  expect((Extended as Guard).canActivate).toBeUndefined();
});
