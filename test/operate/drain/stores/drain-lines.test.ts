import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DrainLines } from '../../../../src/operate/drain/stores/drain-lines.js';
import { folder } from '../../../support/folder.js';
import { recordOf, runOf } from '../support.js';

async function linesOf(text: string, read: (file: FileHandle) => Promise<DrainLines> = DrainLines.of) {
  const path = join(folder(), 'drain.ndjson');
  await writeFile(path, text);
  const file = await open(path);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

const record = recordOf({ tokens: 3 });
const instance = runOf({ startedAt: 1, reportedAt: 5 });
const textOf = (...lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('DrainLines', () => {
  it('keeps the most of each day, the latest beginning, and the end of a run, in whatever order they stand', async () => {
    const later = { ...instance, reportedAt: 6, endedAt: 6 };
    const lines = [
      { since: 9 },
      { since: 7 },
      { record: { ...record, tokens: 4 } },
      { record },
      { instance: later },
      { instance },
    ];
    for (const order of [lines, lines.toReversed()]) {
      expect((await linesOf(textOf(...order))).content('')).toEqual({
        since: 9,
        records: [{ ...record, tokens: 4 }],
        instances: [later],
      });
    }
  });

  it.each([
    ['an operator’s word about an instance', { goneAt: 8 }],
    ['a report after the clock was set back', { reportedAt: 2 }],
    ['the end after the clock was set back', { reportedAt: 2, endedAt: 2 }],
  ])('keeps the last that is said of a run: %s', async (_, said) => {
    const lines = await linesOf(textOf({ instance }, { instance: { ...instance, ...said } }));
    expect(lines.content('').instances).toEqual([{ ...instance, ...said }]);
  });

  it('keeps apart runs, pools and days', async () => {
    const lines = new DrainLines();
    for (const more of [{}, { run: 'r2' }, { instance: 'api-2' }, { userPoolId: 'p' }, { day: '2026-01-14' }]) {
      lines.add({ record: { ...record, ...more } });
    }
    expect(lines.content('').records).toHaveLength(5);
    expect(lines.content('2026-01-15').records).toHaveLength(4);
  });

  it('gives up days that are over, and runs that ended or are gone, by a time', () => {
    const lines = new DrainLines();
    const day = Date.UTC(2026, 0, 15);
    for (const name of ['2026-01-14', '2026-01-15']) lines.add({ record: { ...record, day: name } });
    const runs = { a: {}, b: { endedAt: day - 1 }, c: { endedAt: day }, d: { goneAt: day - 1 } };
    for (const [run, more] of Object.entries(runs)) lines.add({ instance: { ...instance, run, ...more } });
    lines.giveUp(day);
    expect(lines.content('').records.map((one) => one.day)).toEqual(['2026-01-15']);
    expect(lines.content('').instances.map(({ run }) => run)).toEqual(['a', 'c']);
  });

  it('reads on from where it ended, lines of any length and characters of any width', async () => {
    const long = { record: { ...record, instance: '😀'.repeat(400_000) } };
    const text = textOf({ instance }, long);
    const lines = await linesOf(`${text}{"since":`);
    expect(lines.bytesRead).toBe(Buffer.byteLength(text));
    expect(lines.content('').records).toEqual([long.record]);
    const rest = await linesOf(text, async (file) => {
      const later = new DrainLines();
      await later.read(file, Buffer.byteLength(textOf({ instance })));
      return later;
    });
    expect(rest.content('')).toEqual({ instances: [], records: [long.record] });
  });

  it('leaves out torn lines, and passes on damaged ones, to a new file too', async () => {
    const lines = await linesOf(`{"instance":{"run\n\nx}\n${textOf({ instance }, { other: 1 })}{"record":`);
    expect(lines.content('')).toEqual({ instances: [instance], records: ['x}', '{"other":1}'] });
    expect((await linesOf(`${lines}`)).content('')).toEqual(lines.content(''));
  });
});
