import { uncalled } from '../core/uncalled.js';

/**
 * Among global guards, Nest skips functions without a word. These refuse every request where one is passed without being called.
 *
 * @param made what makes guards, by name
 */
export function refuseUncalled(made: Readonly<Record<string, unknown>>): void {
  for (const [name, given] of Object.entries(made)) {
    const refuse = () => {
      throw uncalled(name, callOf(name));
    };
    Object.defineProperty(given, 'canActivate', {
      // A class that extends CutoverGuard is Nest's to create.
      get(this: unknown) {
        return this === given ? refuse : undefined;
      },
    });
  }
}

function callOf(name: string): string {
  if (name === 'CutoverGuard') return 'new CutoverGuard({…})';
  if (name === 'cutoverGuard') return 'cutoverGuard({…})';
  return name === 'requireUser' ? 'requireUser()' : `${name}('…')`;
}
