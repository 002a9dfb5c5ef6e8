import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../support/cognito-simulator/random.js';
import { startPublishTrial } from '../../support/publish-trial.js';
import { HAS } from '../../support/tools.js';

/** `report --json` holds a thousand of them. */
const USERS = 1000;
const KILLS = 6;
/** A process starts, reads and publishes within this time. */
const MOST_MS = 3000;

describe.skipIf(!HAS.redis)('publish, apply and plan on one state, killed at random moments', () => {
  it.each([1, 2])(
    'end with everybody written once and published as planned (%i)',
    { timeout: 180_000 },
    async (seed) => {
      const random = randomFrom(seed * 6007);
      const trial = await startPublishTrial({ users: USERS, writesPerSecond: 200 });
      await trial.run('plan');
      const certain = await trial.certain();
      for (let kill = 0; kill < KILLS; kill += 1) {
        const running = await Promise.all([trial.start('apply'), trial.start('publish'), trial.start('plan')]);
        const timers = running.map((one) => setTimeout(() => one.kill(), random() * MOST_MS));
        const ended = await Promise.all(running.map((one) => one.ended));
        for (const timer of timers) clearTimeout(timer);
        for (const { stdout } of ended) expect(/.*ERR_STATE_(?:INVALID|LOCKED).*/.exec(stdout)?.[0]).toBeUndefined();
        // At any moment, nobody has been given another person's id.
        expect(certain).toMatchObject(await trial.published());
      }
      await trial.run('plan', '--fresh');
      expect(await trial.run('apply')).toMatchObject({ code: 0, failed: 0, remaining: 0 });
      expect(await trial.run('publish')).toMatchObject({ code: 0, wrong: 0, removed: 0 });
      expect(await trial.certain()).toEqual(certain);
      expect(await trial.published()).toEqual(certain);
      expect(await trial.run('verify')).toMatchObject({ missing: 0, right: Object.keys(certain).length });
    },
  );
});
