import { expect, it } from 'vitest';
import {
  LINES_HEADER,
  lineOfMissing,
  lineOfRefusal,
  lineOfUser,
  MISSING_HEADER,
  NOT_IMPORTED_HEADER,
} from '../../../../src/migrate/csv/format/lists.js';
import { refusal } from '../../../../src/migrate/csv/format/reasons.js';

it('count the header of an import file as its line 1', () => {
  expect(LINES_HEADER + lineOfUser('import-0001.csv', 1, 'ann-sub')).toBe(
    'file,line,legacy_sub\r\nimport-0001.csv,2,ann-sub\r\n',
  );
});

it('give each reason a text, about an attribute where it is about one', () => {
  expect(NOT_IMPORTED_HEADER + lineOfRefusal('ann-sub', refusal('required-missing', 'name'))).toBe(
    'legacy_sub,reason,detail\r\nann-sub,required-missing,the new pool requires name\r\n',
  );
});

it('name who is missing, safely for a spreadsheet', () => {
  expect(MISSING_HEADER + lineOfMissing('=ann', 'import-0001.csv', 2)).toBe(
    "legacy_sub,file,line\r\n'=ann,import-0001.csv,2\r\n",
  );
});
