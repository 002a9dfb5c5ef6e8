import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
});
