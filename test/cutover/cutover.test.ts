import { beforeAll, describe, expect, it } from 'vitest';
import { HAS } from '../support/tools.js';
import type { Fault } from './model.js';
import { runCutover } from './scenario.js';
import type { Stage } from './stage.js';
import { tallyInWords } from './timeline.js';

const print = (line: string) => void process.stdout.write(`${line}\n`);

describe.skipIf(!HAS.redis)('a cutover', () => {
  let stage: Stage;
  /** The first of them: those that follow say no more. */
  const faults = (...kinds: Fault['kind'][]) =>
    stage.load.faults.filter(({ kind }) => kinds.includes(kind)).slice(0, 10);

  beforeAll(async () => {
    const { CUTOVER_SEED: seed = '1', CUTOVER_MINUTES: minutes = '0' } = process.env;
    const options = { seed: Number(seed), claimed: 40, lookedUp: 20, perSecond: 50, print };
    stage = await runCutover({ ...options, turbulenceSeconds: 60 * Number(minutes) });
    print(tallyInWords(stage.load.total));
  });

  it('comes to its end', () => {
    expect(stage.brokenOff).toBeUndefined();
  });

  it('has people of both pools, and every reason to refuse them', () => {
    const { requests, accepted, refused } = stage.load.total;
    expect(requests).toBeGreaterThan(1000);
    expect(Math.min(accepted.legacy, accepted.new)).toBeGreaterThan(100);
    expect(Object.keys(refused).sort()).toEqual([
      'ERR_LEGACY_ID_MISSING',
      'ERR_LEGACY_ID_UNAVAILABLE',
      'ERR_LEGACY_POOL_CLOSED',
      'ERR_SIGNATURE_INVALID',
      'ERR_TOKEN_EXPIRED',
    ]);
  });

  it('gives nobody a wrong identity', () => {
    expect(faults('wrong identity')).toEqual([]);
  });

  it('refuses no valid request, and loses none', () => {
    expect(faults('refused what is valid', 'no answer')).toEqual([]);
  });

  it('accepts nothing that is refused, and says why it refuses', () => {
    expect(faults('accepted what is refused', 'another refusal')).toEqual([]);
  });

  it('announces on answers to legacy tokens that their pool ends, and on no others', () => {
    expect(faults('wrong headers')).toEqual([]);
  });

  it('is in the phases that were set', () => {
    expect(stage.phaseFaults).toEqual([]);
  });

  it('is safe to end exactly when drain says so', () => {
    expect(stage.drain.answers.filter(({ fault }) => fault !== undefined)).toEqual([]);
    expect(new Set(stage.drain.answers.map(({ safe }) => safe))).toEqual(new Set([true, false]));
  });

  it('is measured: every decision is in the metrics once', () => {
    expect(stage.metrics).toHaveLength(2);
    for (const { instance, told, answers } of stage.metrics)
      expect({ instance, told }).toEqual({ instance, told: answers });
  });

  it('runs in processes that complain about nothing', () => {
    expect(stage.fleet.flatMap(({ name, complaints }) => complaints.map((one) => `${name}: ${one}`))).toEqual([]);
  });
});
