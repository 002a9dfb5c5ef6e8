import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leaveTerminal } from '../../../src/cli/terminal/leave-terminal.js';
import { folder } from '../../support/folder.js';

it('puts the null device in the place of a descriptor that is not a terminal any more', () => {
  const path = join(folder(), 'was-a-terminal');
  const fd = openSync(path, 'a');
  writeSync(fd, 'before');
  leaveTerminal([fd]);
  writeSync(fd, 'after');
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(fstatSync(fd).isCharacterDevice()).toBe(true);
  closeSync(fd);
});

it('takes descriptors that are closed already', () => {
  const fd = openSync(join(folder(), 'closed'), 'a');
  closeSync(fd);
  expect(() => leaveTerminal([fd])).not.toThrow();
});
