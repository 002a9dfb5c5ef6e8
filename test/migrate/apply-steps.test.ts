import { describe, expect, it } from 'vitest';
import { type ApplyStepsOptions, applySteps } from '../../src/migrate/apply-steps.js';
import type { NextJob } from '../../src/migrate/control/writing-run.js';
import { Run } from '../../src/migrate/run.js';
import { FakeGroups } from './groups/support/fake-groups.js';
import { failure } from './support/fake-directory.js';
import { pools } from './support/pools-to-plan.js';
import { state } from './support/workspace.js';

const ATTRIBUTE = 'custom:legacy_sub';

/** The steps of an apply of three users, planned with or without a group of theirs. */
async function stepsOf(more: Partial<ApplyStepsOptions> = {}, withGroups = true) {
  const { plan, newPool, clock } = pools(3, 3);
  const opened = state();
  const groups = {
    legacyPools: [new FakeGroups('old_1', [{ name: 'staff', members: ['0-old-0'] }])],
    newPool: new FakeGroups('new_1', []),
  };
  await plan(opened, withGroups ? { groups } : {});
  let changed = 0;
  const work = await applySteps(new Run({ state: opened, clock }), {
    ...{ newPool, newGroups: withGroups ? groups.newPool : undefined, attribute: ATTRIBUTE },
    ...{ overwrite: false, isLimited: false, dryRun: false, readRps: 25, rps: () => 10 },
    onChanged: () => (changed += 1),
    ...more,
  });
  const statuses = () =>
    opened.db.all('SELECT username, status FROM operations ORDER BY username').map((row) => row.join(' '));
  return {
    ...work,
    settle: () => work.settle?.(),
    end: () => work.end?.(),
    opened,
    newPool,
    statuses,
    changed: () => changed,
  };
}

const jobsOf = async (step: NextJob | undefined) => {
  const jobs = [];
  for (let job = await step?.(); job !== undefined; job = await step?.()) jobs.push(job);
  return jobs;
};

describe('the steps of an apply', () => {
  it('are groups, attributes, members; without groups, attributes alone', async () => {
    const { steps, end } = await stepsOf();
    expect(await Promise.all(steps.map(async (step) => (await jobsOf(step)).length))).toEqual([1, 3, 0]);
    await end();
    const alone = await stepsOf({}, false);
    expect(alone.steps).toHaveLength(1);
    await alone.end();
  });

  it('of a dry run look at members as if all were written, and record nothing', async () => {
    const { steps, end, statuses } = await stepsOf({ dryRun: true });
    for (const step of steps) for (const job of await jobsOf(step)) job.end('written');
    expect(statuses()).toEqual([]);
    await end();
  });

  it('count who is no longer as planned', async () => {
    const { steps, end, newPool, changed } = await stepsOf({}, false);
    newPool.users.set('user1', { ...newPool.users.get('user1')!, enabled: false });
    for (const job of await jobsOf(steps[0])) {
      job.begin();
      const settled = await job.settled?.();
      job.end(settled?.status ?? 'written', settled?.reason);
    }
    expect(changed()).toBe(1);
    await end();
  });

  it('look afterwards whether failed writes without an answer were carried out', async () => {
    const { steps, settle, end, newPool, statuses } = await stepsOf({}, false);
    const update = newPool.updateAttributes.bind(newPool);
    newPool.updateAttributes = async (username, attributes) => {
      // The first one arrives, the second one does not.
      if (username !== 'user1') await update(username, attributes);
      throw failure('unavailable', 'AdminUpdateUserAttributes');
    };
    for (const job of (await jobsOf(steps[0])).slice(0, 2)) {
      job.begin();
      await expect(job.send()).rejects.toThrow();
      job.end('failed', 'TimeoutError');
    }
    expect(await settle()).toBe(1);
    expect(await settle()).toBe(0);
    expect(statuses()).toEqual(['user0 written', 'user1 failed']);
    await end();
  });
});
