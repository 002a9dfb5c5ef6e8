import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../../src/migrate/files/csv-line.js';
import {
  checkMappingFile,
  decideLines,
  mappingLines,
  readMappingFile,
  readMappingFiles,
} from '../../../src/migrate/matching/mapping-file.js';
import type { MappingRow } from '../../../src/migrate/outcomes.js';
import { folder } from '../../support/folder.js';

const HEADER = 'new_username,legacy_sub\n';

function written(content: string | Buffer): string {
  const path = join(folder(), 'decided.csv');
  writeFileSync(path, content);
  return path;
}

async function all(rows: AsyncIterable<MappingRow>): Promise<MappingRow[]> {
  const read: MappingRow[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

describe('a mapping file', () => {
  it.each<[string, string, [string, string, number][]]>([
    [
      'plain rows',
      `${HEADER}ann,s1\nbob,s2\n`,
      [
        ['ann', 's1', 2],
        ['bob', 's2', 3],
      ],
    ],
    ['no line break at the end', `${HEADER}ann,s1`, [['ann', 's1', 2]]],
    ['Windows line breaks', `${HEADER}ann,s1\n`.replaceAll('\n', '\r\n'), [['ann', 's1', 2]]],
    ['a byte order mark', `\uFEFF${HEADER}ann,s1\n`, [['ann', 's1', 2]]],
    ['quotes', `"new_username","legacy_sub"\n"a,n""n",s1\n`, [['a,n"n', 's1', 2]]],
    [
      'empty lines',
      `${HEADER}\nann,s1\n\nbob,s2\n`,
      [
        ['ann', 's1', 3],
        ['bob', 's2', 5],
      ],
    ],
    ['names beyond ASCII', `${HEADER}žofie,s1\n`, [['žofie', 's1', 2]]],
    ['no rows', HEADER, []],
    ['a field that our own report marked', HEADER + csvLine(['+44123', 's1']), [['+44123', 's1', 2]]],
  ])('may have %s', async (_name, content, rows) => {
    expect(await all(readMappingFile('--mapping', written(content)))).toEqual(
      rows.map(([newUsername, legacySub, line]) => ({ newUsername, legacySub, line })),
    );
  });

  it('may name the sub of each user too, as import-csv writes it', async () => {
    const rows = readMappingFile(
      '--mapping',
      written(`new_username,legacy_sub,new_sub\r\n${csvLine(['=ann', 's1', 'n1'])}`),
    );
    expect(await all(rows)).toEqual([{ newUsername: '=ann', legacySub: 's1', newSub: 'n1', line: 2 }]);
  });

  it('gives back every name as it was written, whatever a spreadsheet would do with it', async () => {
    const names = ['=x', '+49170', '-a', '@b', "'c", "'=d", "''", "'", '"e"', 'f,g', '＝h', 'i;j'];
    const unit = fc.constantFrom('=', '+', '-', '@', "'", '"', ',', ';', '＝', '＠', 'a', 'é', '\u{1F600}');
    const name = fc.oneof(fc.constantFrom(...names), fc.string({ unit, minLength: 1, maxLength: 4 }));
    const user = fc.record({ newUsername: name, legacySub: name, newSub: name });
    const each = names.map((one) => ({ newUsername: one, legacySub: one, newSub: one }));
    await fc.assert(
      fc.asyncProperty(fc.array(user, { maxLength: 50 }), async (users) => {
        const rows = await all(readMappingFile('--mapping', written([...mappingLines(users)].join(''))));
        expect(rows.map(({ line, ...row }) => row)).toEqual(users);
      }),
      { examples: [[each]], numRuns: 20 },
    );
  });

  it('may be the file that report --decide wrote, of which rows without a legacy_sub decide nothing yet', async () => {
    const undecided = { outcome: 'ambiguous', candidates: ['s1', 's2'], detail: 'email finds s1, s2' } as const;
    const lines = [
      ...decideLines([
        { newUsername: '=ann', newSub: 'n1', ...undecided },
        { newUsername: 'bob', newSub: '', ...undecided },
      ]),
    ];
    const path = written(lines.join('').replace("'=ann,,", "'=ann,s2,"));
    expect(await all(readMappingFile('--mapping', path))).toEqual([
      { newUsername: '=ann', legacySub: 's2', newSub: 'n1', decided: true, line: 2 },
      { newUsername: 'bob', legacySub: '', decided: true, line: 3 },
    ]);
  });

  it.each<[string, string]>([
    [
      'with semicolons',
      '\uFEFFnew_username;legacy_sub;new_sub;outcome;candidates;detail\r\n"a,;n";s1;n1;x;s1 s2;"a ""b"", c"\r\n',
    ],
    ['with its columns moved', 'legacy_sub,new_sub,new_username,outcome,detail,candidates\ns1,n1,"a,;n",x,,s1\n'],
    ['with more columns', 'new_username,legacy_sub,new_sub,outcome,candidates,detail,note\n"a,;n",s1,n1,x,,,sure\n'],
    [
      'with rows cleared',
      'new_username,legacy_sub,new_sub,outcome,candidates,detail\n,,,,,\n"a,;n",s1,n1,x,,\n,,,,,\n',
    ],
  ])('may be that file as a spreadsheet saved it, %s', async (_, content) => {
    const [row, ...others] = await all(readMappingFile('--mapping', written(content)));
    expect(row).toMatchObject({ newUsername: 'a,;n', legacySub: 's1', newSub: 'n1', decided: true });
    expect(others).toEqual([]);
  });

  it('says in its rows which of several files it is, and only then', async () => {
    const [one, two] = [written(`${HEADER}ann,s1\n`), written(`${HEADER}bob,s2\n`)];
    expect(await all(readMappingFiles('--mapping', [one]))).toEqual([{ newUsername: 'ann', legacySub: 's1', line: 2 }]);
    expect(await all(readMappingFiles('--mapping', [one, two]))).toEqual([
      { newUsername: 'ann', legacySub: 's1', line: 2, file: one },
      { newUsername: 'bob', legacySub: 's2', line: 2, file: two },
    ]);
  });

  it.each<[string, string | Buffer, string]>([
    ['nothing', '', 'line 1: expected the columns new_username,legacy_sub, the file is empty'],
    ['no header', 'ann,s1\n', 'line 1: expected the columns new_username,legacy_sub and no others'],
    [
      'other columns',
      'legacy_sub,new_username\n',
      'line 1: expected the columns new_username,legacy_sub and no others',
    ],
    ['more columns', 'new_username,legacy_sub,note\n', 'line 1: expected the columns'],
    ['semicolons', 'new_username;legacy_sub\nann;s1\n', 'line 1: expected the columns'],
    ['a field too few', `${HEADER}ann,s1\nbob\n`, 'line 3: expected 2 fields, got 1'],
    ['a field too many', `${HEADER}ann,s1,x\n`, 'line 2: expected 2 fields, got 3'],
    [
      'no sub where there is to be one',
      'new_username,legacy_sub,new_sub\nann,s1\n',
      'line 2: expected 3 fields, got 2',
    ],
    ['an empty sub of the new user', 'new_username,legacy_sub,new_sub\nann,s1,\n', 'line 2: new_sub is empty'],
    ['an empty name', `${HEADER},s1\n`, 'line 2: new_username is empty or has spaces in it'],
    ['an empty sub', `${HEADER}ann,\n`, 'line 2: legacy_sub is empty or has spaces in it'],
    ['spaces around a value', `${HEADER}ann, s1\n`, 'line 2: legacy_sub is empty or has spaces in it'],
    ['an open quote', `${HEADER}"ann,s1\n`, ': the quotes do not match'],
    ['a quote inside', `${HEADER}a"nn,s1\n`, 'line 2: the quotes do not match'],
    ['text after a quote', `${HEADER}"ann"x,s1\n`, 'line 2: the quotes do not match'],
    ['Latin-1', Buffer.from(`${HEADER}\xe4nn,s1\n`, 'latin1'), 'line 2: the file is not UTF-8'],
    [
      'a column named twice',
      'new_username,legacy_sub,new_sub,outcome,candidates,detail,legacy_sub\n',
      'line 1: expected',
    ],
    ['a column of --decide missing', 'new_username,legacy_sub,new_sub,outcome,candidates\n', 'line 1: expected'],
    ['UTF-16', Buffer.from(`${HEADER}ann,s1\n`, 'utf16le'), 'line 1: the file is not UTF-8'],
  ])('is refused with %s, naming the line', async (_name, content, message) => {
    const refused = checkMappingFile('--mapping', written(content));
    await expect(refused).rejects.toMatchObject({ code: 'ERR_CONFIGURATION', option: '--mapping' });
    await expect(refused).rejects.toThrow(message);
  });

  it('is refused when it cannot be read', async () => {
    await expect(checkMappingFile('--mapping', '/nowhere/decided.csv')).rejects.toThrow(
      '--mapping: cannot read /nowhere/decided.csv (ENOENT)',
    );
    await expect(checkMappingFile('--mapping', folder())).rejects.toThrow('(EISDIR)');
  });
});

describe('a file in which a person decides', () => {
  const DECIDE = 'new_username,legacy_sub,new_sub,outcome,candidates,detail\n';
  const read = (row: string) => all(readMappingFile('--mapping', written(`${DECIDE}${row}\n`)));

  it('may leave open who it is, but not about whom', async () => {
    expect(await read('ann,,n1,ambiguous,s1 s2,why')).toMatchObject([
      { newUsername: 'ann', legacySub: '', newSub: 'n1' },
    ]);
    expect(await read('ann,s1,,ambiguous,s1 s2,why')).toMatchObject([{ newUsername: 'ann', legacySub: 's1' }]);
    await expect(read(',s1,n1,ambiguous,s1 s2,why')).rejects.toThrow('line 2: new_username is empty');
  });

  it.each(['s1 s2', 's1 ', ' s1'])('names one legacy user: %j is refused', async (legacySub) => {
    await expect(read(`ann,${legacySub},n1,ambiguous,s1 s2,why`)).rejects.toThrow('legacy_sub is empty or has spaces');
  });

  it('is named in each row only where there are several', async () => {
    const one = written(`${HEADER}ann,s1\n`);
    expect(await all(readMappingFiles('--mapping', [one]))).toEqual([{ newUsername: 'ann', legacySub: 's1', line: 2 }]);
    const both = await all(readMappingFiles('--mapping', [one, written(`${HEADER}bob,s2\n`)]));
    expect(both.map(({ file }) => file)).toEqual([one, expect.stringContaining('decided.csv')]);
  });
});
