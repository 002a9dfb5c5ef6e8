import { it, type TestContext } from 'vitest';
import { HAS } from '../support/tools.js';

/** What a fault may need of the machine. Without it, the fault is skipped. */
export interface FaultNeeds {
  readonly needs?: keyof typeof HAS;
  readonly timeoutMs?: number;
}

/**
 * A test that breaks something around the package, and sees that what users are promised then is kept. Both texts are a row of
 * docs/reliability.md, word for word: `name` is what breaks, `promise` what holds meanwhile and afterwards. Plain string
 * literals, because the test of that page reads them from the file.
 */
export function fault(
  name: string,
  _promise: string,
  run: (context: TestContext) => Promise<void> | void,
  { needs, timeoutMs }: FaultNeeds = {},
): void {
  const lacking = needs !== undefined && !HAS[needs];
  it.skipIf(lacking)(name, timeoutMs === undefined ? {} : { timeout: timeoutMs }, run);
}
