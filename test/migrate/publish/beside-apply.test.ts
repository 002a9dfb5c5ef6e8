import { describe, expect, it } from 'vitest';
import { openFileStore } from '../../../src/legacy-id/file-store.js';
import { startPublishTrial } from '../../support/publish-trial.js';
import { HAS } from '../../support/tools.js';

const USERS = 300;

describe.skipIf(!HAS.redis)('publish beside a running apply', () => {
  it('publishes the whole plan to a store and a file, while apply writes every user once', {
    timeout: 60_000,
  }, async () => {
    const trial = await startPublishTrial({ users: USERS, writesPerSecond: 2 });
    const { writes: planned } = await trial.run('plan');
    const certain = await trial.certain();
    const apply = await trial.start('apply');
    await trial.written(2);

    const users = Object.keys(certain).length;
    expect(await trial.run('publish')).toMatchObject({ code: 0, users, written: users, wrong: 0 });
    expect(await trial.published()).toEqual(certain);
    expect(await trial.run('publish to a file')).toMatchObject({ code: 0, written: users, wrong: 0 });
    expect((await openFileStore({ path: trial.file, checkSeconds: null })).users).toBe(users);
    // It has not waited for the end of apply, and apply has not waited for it.
    expect(trial.writes).toBeLessThan(Number(planned));

    await trial.run('pace');
    const { code, stdout, stderr } = await apply.ended;
    expect(stderr).not.toMatch(/in use|locked/);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { written: planned, failed: 0, remaining: 0, attempts: planned },
    ]);
    expect(await trial.run('publish')).toMatchObject({ users, written: 0, unchanged: users, wrong: 0 });
  });
});
