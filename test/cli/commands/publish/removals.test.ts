import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedFile, removalsOf } from '../../../../src/cli/commands/publish/removals.js';
import { storeAddress } from '../../../../src/cli/options/store-address.js';
import { snapshotEnd, snapshotLine } from '../../../../src/legacy-id/mapping-snapshot.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { Publication } from '../../../../src/migrate/state/publication.js';
import { AutoClock } from '../../../migrate/support/auto-clock.js';
import { FakeDirectory } from '../../../migrate/support/fake-directory.js';
import { state } from '../../../migrate/support/workspace.js';

const person = (username: string, sub: string) => ({
  ...{ username, sub },
  attributes: { email: `${username}@example.com`, email_verified: 'true' },
});

/** A plan that is certain of Ann alone. */
async function planned() {
  const opened = state();
  await runPlan({
    ...{ state: opened, clock: new AutoClock(), match: ['email'] },
    legacyPools: [new FakeDirectory('old_1', { users: [person('ann', 'ann-sub')] })],
    newPool: new FakeDirectory('new_1', { users: [person('ann', 'new-ann')] }),
  });
  return opened;
}

const PUBLISHED = { 'new-ann': 'ann-sub', 'new-bob': 'bob-sub', 'new-cy': 'cy-sub' };

function fileAt(path: string): string {
  const lines = Object.entries(PUBLISHED).map(([newSub, legacyId]) => snapshotLine(newSub, legacyId));
  writeFileSync(path, [...lines, snapshotEnd(lines.length)].join(''));
  return path;
}

describe('what a plan removes', () => {
  it('from a file is found in the file', async () => {
    const opened = await planned();
    const path = fileAt(join(dirname(opened.path), 'mapping.ndjson'));
    expect(await removalsOf(opened, storeAddress('.ndjson')('--to', path))).toEqual({ published: 3, removed: 2 });
  });

  it.each(['dynamodb://legacy-ids', 'redis://cache.example.com:6379'])(
    'from %s is found in the state, without asking the store',
    async (to) => {
      const opened = await planned();
      const target = storeAddress('.ndjson')('--to', to);
      // Makes the tables; what was published before is recorded there.
      new Publication(opened.db, target.name);
      for (const [newSub, legacyId] of Object.entries(PUBLISHED)) {
        opened.db.run('INSERT INTO published VALUES (1, ?, ?, 1)', newSub, legacyId);
      }
      expect(await removalsOf(opened, target)).toEqual({ published: 3, removed: 2 });
      expect(await removalsOf(opened, storeAddress('.ndjson')('--to', `${to}9`))).toEqual({ published: 0, removed: 0 });
    },
  );
});

it('a file is read as verifiers read it, and is named as the option names it', async () => {
  const path = fileAt(join(dirname(state().path), 'mapping.ndjson'));
  const file = publishedFile(path);
  expect(file).toMatchObject({ option: '--to', path });
  const snapshot = await file.read(path);
  expect([snapshot.users, snapshot.get('new-bob'), snapshot.get('nobody')]).toEqual([3, 'bob-sub', undefined]);
});
