import { expect, it } from 'vitest';
import { live } from './fleet-world.js';

it('is never "safe" while somebody can come to a random fleet, and is "safe" in the end', () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    const { lies, lastSafe, lastReport } = live(seed);
    expect(lies, `seed ${seed}: safe at these minutes`).toEqual([]);
    expect(lastSafe, `seed ${seed}: ${lastReport.reasons.join(' ')}`).toBe(true);
  }
});
