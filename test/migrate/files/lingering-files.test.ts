import { readdirSync } from 'node:fs';
import { Session } from 'node:inspector';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { leaveLingering } from '../../../src/migrate/files/lingering-files.js';
import { openState } from '../../../src/migrate/state/state.js';
import { HAS } from '../../support/tools.js';
import { state, statePath } from '../support/workspace.js';

describe.skipIf(!HAS.procFiles)('files that native objects keep open', () => {
  it('are closed, however often a process looks at a state, as `status --watch` does for days', async () => {
    const path = statePath();
    state(path).close();
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    let most = 0;
    for (let look = 0; look < 2_000; look += 1) {
      const opened = openState({ path, access: 'read' });
      opened.meta.get('warnings');
      opened.close();
      await new Promise(setImmediate);
      most = Math.max(most, open());
    }
    expect(most - before).toBeLessThan(250);
  });

  it('are left to V8 where Node does not permit what collects them', () => {
    const denied = vi.spyOn(Session.prototype, 'post').mockImplementation(() => {
      throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' });
    });
    onTestFinished(() => denied.mockRestore());
    for (let times = 0; times < 300; times += 1) leaveLingering();
    expect(denied).toHaveBeenCalledTimes(3);
  });
});
