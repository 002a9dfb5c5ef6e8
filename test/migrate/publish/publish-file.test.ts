import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileStore } from '../../../src/legacy-id/file-store.js';
import { snapshotEnd, snapshotLine } from '../../../src/legacy-id/mapping-snapshot.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { countFileRemovals, runPublishToFile } from '../../../src/migrate/publish/publish-file.js';
import type { State } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const person = (username: string, sub: string) => ({
  ...{ username, sub },
  attributes: { email: `${username}@example.com`, email_verified: 'true' },
});

async function planned(...names: string[]): Promise<State> {
  const opened = state();
  await runPlan({
    state: opened,
    legacyPools: [new FakeDirectory('eu-west-1_Old', { users: names.map((name) => person(name, `${name}-sub`)) })],
    newPool: new FakeDirectory('eu-west-1_New', { users: names.map((name) => person(name, `new-${name}`)) }),
    clock: new AutoClock(),
    match: ['email'],
  });
  return opened;
}

/** A file beside the state that holds these users. */
function fileOf(opened: State, users: Readonly<Record<string, string>>): string {
  const path = join(dirname(opened.path), 'mapping.ndjson');
  const lines = Object.entries(users).map(([newSub, legacyId]) => snapshotLine(newSub, legacyId));
  writeFileSync(path, [...lines, snapshotEnd(lines.length)].join(''));
  return path;
}

const named = (path: string) => ({
  ...{ option: '--to', path },
  read: () => openFileStore({ path, checkSeconds: null }),
});

describe('publishing to a file', () => {
  it('writes every user whose legacy id is certain, and reads them back as verifiers do', async () => {
    const opened = await planned('ann', 'bob');
    const path = join(dirname(opened.path), 'mapping.ndjson');
    expect(await runPublishToFile({ state: opened, ...named(path), clock: new AutoClock() })).toEqual({
      ...{ users: 2, written: 2, unchanged: 0, removed: 0, checked: 2, wrong: 0, seconds: 0 },
    });
    expect(readFileSync(path, 'utf8')).toBe(
      snapshotLine('new-ann', 'ann-sub') + snapshotLine('new-bob', 'bob-sub') + snapshotEnd(2),
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('counts those whom the file does not give as they were written', async () => {
    const opened = await planned('ann', 'bob');
    const path = join(dirname(opened.path), 'mapping.ndjson');
    const read = async () => ({ users: 2, get: (newSub: string) => (newSub === 'new-ann' ? 'ann-sub' : undefined) });
    const result = await runPublishToFile({ state: opened, ...named(path), read, allowRemovals: 1 });
    expect(result).toMatchObject({ checked: 2, wrong: 1 });
  });

  it('leaves a file alone that would lose too many, until it is told', async () => {
    const opened = await planned('ann');
    const path = fileOf(opened, { 'new-ann': 'ann-sub', 'new-bob': 'bob-sub', 'new-cy': 'cy-sub' });
    const before = readFileSync(path, 'utf8');
    const publish = (allowRemovals: number) => runPublishToFile({ state: opened, ...named(path), allowRemovals });
    await expect(publish(1)).rejects.toMatchObject({ option: 'allowRemovals' });
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(await publish(2)).toMatchObject({ users: 1, removed: 2 });
    expect(readFileSync(path, 'utf8')).toBe(snapshotLine('new-ann', 'ann-sub') + snapshotEnd(1));
  });

  it('needs a finished plan, and leaves the file alone without one', async () => {
    const opened = state();
    const path = fileOf(opened, { 'new-ann': 'ann-sub' });
    const before = readFileSync(path, 'utf8');
    await expect(runPublishToFile({ state: opened, ...named(path) })).rejects.toMatchObject({
      code: 'ERR_STATE_NOT_READY',
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describe('what a file would lose', () => {
  it('is who gets another legacy id, and who is not certain any more', async () => {
    const opened = await planned('ann', 'bob');
    const path = fileOf(opened, { 'new-ann': 'ann-sub', 'new-bob': 'other-sub', 'new-cy': 'cy-sub' });
    expect(await countFileRemovals(opened, named(path))).toEqual({ published: 3, removed: 2 });
  });

  it('is nobody where there is no file, or none that verifiers load', async () => {
    const opened = await planned('ann');
    const path = join(dirname(opened.path), 'mapping.ndjson');
    expect(await countFileRemovals(opened, named(path))).toEqual({ published: 0, removed: 0 });
    writeFileSync(path, 'cut short');
    expect(await countFileRemovals(opened, named(path))).toEqual({ published: 0, removed: 0 });
  });

  it('is not known of a file that cannot be read', async () => {
    const opened = await planned('ann');
    const path = join(dirname(opened.path), 'folder.ndjson');
    mkdirSync(path);
    await expect(countFileRemovals(opened, named(path))).rejects.toMatchObject({
      option: '--to',
      message: expect.stringContaining('cannot read'),
    });
  });
});
