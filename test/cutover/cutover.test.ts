import { beforeAll, describe, expect, it } from 'vitest';
import { runCutover } from './scenario.js';
import type { Stage } from './stage.js';
import { tallyInWords } from './timeline.js';

describe('a cutover', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await runCutover({
      seed: 1,
      claimed: 40,
      lookedUp: 20,
      perSecond: 120,
      print: (line) => process.stdout.write(`${line}\n`),
    });
    process.stdout.write(`${tallyInWords(stage.load.total)}\n`);
  }, 300_000);

  it('has no faults', () => {
    expect(stage.load.faults).toEqual([]);
    expect(stage.fleet.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});
