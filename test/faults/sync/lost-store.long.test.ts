import { describe, expect } from 'vitest';
import { startRedis } from '../../support/redis-server.js';
import { fault } from '../fault.js';
import { documentOf, startSyncTrial } from './sync-trial.js';

describe('the store of publish', () => {
  fault(
    'the Redis of publish does not answer, is killed and comes back empty',
    'publish ends with 3 and without a stack trace. Run again, it says what is missing, and with --again makes the store complete.',
    async ({ onTestFinished }) => {
      const redis = await startRedis();
      onTestFinished(() => redis.stop());
      const trial = await startSyncTrial({ users: 400, seed: 10 });
      await trial.run('plan');
      const to = ['--to', redis.url];
      expect(await trial.run('publish', to)).toMatchObject({ wrong: 0 });
      await redis.stop();
      const lost = await trial.start('publish', [...to, '--again']).ended;
      expect([lost.code, documentOf(lost)], lost.stderr).toEqual([
        3,
        expect.objectContaining({ error: expect.objectContaining({ code: 'ERR_UNAVAILABLE' }) }),
      ]);
      expect(lost.stderr).not.toContain('    at ');
      const empty = await startRedis(redis.port);
      onTestFinished(() => empty.stop());
      empty.pause();
      const hanging = await trial.start('publish', to).ended;
      empty.resume();
      expect(hanging.code, hanging.stderr).toBe(3);
      const found = await trial.run('publish', to);
      expect(found['checked']).toBeGreaterThan(0);
      expect(Number(found['wrong']) + Number(found['written'])).toBe(Number(found['users']));
      const again = await trial.run('publish', [...to, '--again']);
      expect(again).toMatchObject({ wrong: 0, written: again['users'] });
    },
    { needs: 'redis', timeoutMs: 300_000 },
  );
});
