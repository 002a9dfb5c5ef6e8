import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPlan } from '../../../src/migrate/plan.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { held } from '../support/held-state.js';
import { mode, open, plannedPath } from '../support/planned-state.js';
import { state, statePath } from '../support/workspace.js';

describe('a state file', () => {
  it('is readable by its owner alone, side files included, while it is open and after', async () => {
    const path = await plannedPath();
    const opened = state(path);
    opened.meta.addWarning('changed');
    const files = readdirSync(dirname(path));
    expect(files).toEqual(expect.arrayContaining(['cutover.db', 'cutover.db-wal', 'cutover.db.plan.lock']));
    expect(files.map((name) => mode(join(dirname(path), name)))).toEqual(files.map(() => 0o600));
    opened.close();
    const locks = ['cutover.db.lock', 'cutover.db.plan.lock', 'cutover.db.publish.lock', 'cutover.db.verify.lock'];
    expect(readdirSync(dirname(path)).sort()).toEqual(['cutover.db', ...locks]);
  });

  it('holds no e-mail address, no phone number and, once planned, no key to their hashes', async () => {
    const text = readFileSync(await plannedPath(), 'latin1');
    expect(text).toContain('user-199');
    expect(text).not.toMatch(/@example|somebody|4670000/);
    expect(text).not.toContain('hashKey');
  });

  it('keeps its key while the plan is not finished', async () => {
    const opened = state();
    const broken = new FakeDirectory('old_1', {
      before: (operation) => {
        if (operation === 'ListUsers') throw new Error('broken');
      },
    });
    const plan = { state: opened, legacyPools: [broken], newPool: new FakeDirectory('new_1'), clock: new AutoClock() };
    await expect(runPlan(plan)).rejects.toThrow('broken');
    expect(opened.meta.get('hashKey')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells its pools', async () => {
    expect(state(await plannedPath(), 'read').pools).toEqual({ legacy: ['old_1'], new: 'new_1' });
    expect(state().pools).toBeUndefined();
  });

  it.each(['write', 'read'] as const)('must be there for %s', (access) => {
    const path = statePath();
    expect(open(path, access)).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
    expect(readdirSync(dirname(path))).toEqual([]);
  });
});

describe('a state in use', () => {
  it('refuses a second writer, and lets others read', async () => {
    const path = await plannedPath();
    const first = state(path, 'write');
    expect(open(path, 'write')).toThrow(expect.objectContaining({ code: 'ERR_STATE_LOCKED' }));
    const reader = state(path, 'read');
    expect(reader.running).toBe(true);
    first.close();
    expect(reader.running).toBe(false);
    expect(open(path, 'write')).not.toThrow();
  });

  it('is free at once when its process is killed', async () => {
    const path = statePath();
    const holder = await held(path, 'plan');
    expect(existsSync(path)).toBe(true);
    expect(open(path)).toThrow(expect.objectContaining({ code: 'ERR_STATE_LOCKED' }));
    await holder.kill();
    expect(open(path)).not.toThrow();
  });
});
