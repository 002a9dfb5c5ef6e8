import { expect, it } from 'vitest';
import type { DirectoryUser } from '../../../src/directory/user-types.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { listUsers } from '../../../src/migrate/listing/list-once.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';

it('gives every user of a pool to the sink without a state, and reports the end', async () => {
  const users = Array.from({ length: 200 }, (_, n) => ({
    ...{ username: `user${n}`, sub: `${(n % 16).toString(16)}-${n}`, attributes: {} },
  }));
  const clock = new AutoClock();
  const directory = new FakeDirectory('eu-west-1_New', { users });
  const seen = new Set<string>();
  const sink = {
    add: (page: readonly DirectoryUser[]) => {
      for (const { username } of page) seen.add(username);
    },
    known: (subs: readonly string[]) => new Set(subs),
  };
  const events: ProgressEvent[] = [];
  await listUsers(
    { directory, side: 'new' },
    sink,
    { pace: new Pace(100, clock), estimatedUsers: 200 },
    { clock, signal: undefined, onProgress: (event) => events.push(event) },
  );
  expect(seen.size).toBe(200);
  expect(events.at(-1)).toMatchObject({
    ...{ type: 'list', side: 'new', userPoolId: 'eu-west-1_New', done: true, shards: 16, shardsDone: 16 },
  });
});
