import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { fault } from '../fault.js';

const PROGRAM = fileURLToPath(new URL('locale-probe.mjs', import.meta.url));
const run = promisify(execFile);

/** What the built package makes of dates, names and numbers in a process with this environment. */
async function probe(env: Readonly<Record<string, string>>): Promise<unknown> {
  const { stdout } = await run(process.execPath, [PROGRAM], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  return JSON.parse(stdout);
}

fault(
  'the process runs in another time zone or language: Apia, Istanbul, an Arabic calendar, C',
  'the same names, dates, days of counting and texts everywhere',
  async () => {
    const here = await probe({ TZ: 'UTC', LC_ALL: 'en_US.UTF-8', LANG: 'en_US.UTF-8' });
    expect(here).toMatchObject({ folded: expect.any(Array), days: expect.any(Object) });
    const places = [
      { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'Europe/Istanbul', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'Asia/Riyadh', LANG: 'ar_SA.UTF-8', LC_ALL: 'ar_SA.UTF-8' },
      { TZ: 'America/St_Johns', LC_ALL: 'C' },
    ];
    for (const place of places) expect(await probe(place)).toEqual(here);
  },
);
