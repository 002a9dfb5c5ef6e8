import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readUsersFile } from '../../../src/migrate/control/users-file.js';
import { csvLine } from '../../../src/migrate/files/csv-line.js';
import { folder } from '../../support/folder.js';

async function usersOf(...lines: string[][]) {
  const path = join(folder(), 'staff.csv');
  writeFileSync(path, lines.map(csvLine).join(''));
  const users: { newUsername: string; line: number }[] = [];
  for await (const user of readUsersFile('--only', path)) users.push(user);
  return users;
}

it('reads the one column of a report, without the mark against formulas', async () => {
  expect(await usersOf(['outcome', 'new_username'], ['set', 'ann'], ['ok', '+15550100'])).toEqual([
    { newUsername: 'ann', line: 2 },
    { newUsername: '+15550100', line: 3 },
  ]);
});

it.each([
  ['another header', [['username'], ['ann']], 'line 1: expected a column new_username in the header'],
  [
    'a column twice',
    [
      ['new_username', 'new_username'],
      ['ann', 'bob'],
    ],
    'line 1: the column new_username is there more than once',
  ],
  ['a field too many', [['new_username'], ['ann', 'x']], 'line 2: expected 1 fields, got 2'],
  [
    'an empty name',
    [
      ['new_username', 'x'],
      ['', 'x'],
    ],
    'line 2: new_username is empty or has spaces in it',
  ],
  ['a name with spaces', [['new_username'], ['ann b']], 'line 2: new_username is empty or has spaces in it'],
  ['nothing at all', [], 'line 1: expected a column new_username, the file is empty'],
])('refuses %s', async (_name, lines, message) => {
  await expect(usersOf(...lines)).rejects.toMatchObject({
    option: '--only',
    message: expect.stringContaining(message),
  });
});
