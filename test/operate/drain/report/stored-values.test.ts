import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAST_MOMENT } from '../../../../src/operate/drain/count/drain-counter.js';
import { isDrainInstance, isDrainRecord } from '../../../../src/operate/drain/report/stored-values.js';
import { sketchOf } from '../count/sketches.js';
import { recordOf, runOf } from '../support.js';

const hour = { hour: 9, tokens: 1, users: '' };
const client = { clientId: 'web', tokens: 1, users: '', hours: [0, 1], lastToken: 1, latestExpiry: 2 };
const record = recordOf({ tokens: 1, users: `${sketchOf(0, 3)}`, hours: [hour], clients: [client] });
const trace = { userPoolId: 'p', lastToken: 1, latestExpiry: 2, longestLifetime: 1 };
const instance = runOf({ startedAt: 1, reportedAt: 2, legacy: [trace] });

describe('what a store holds', () => {
  it('is a record or an instance, of a later version too', () => {
    expect(isDrainRecord(record)).toBe(true);
    expect(isDrainRecord({ ...record, more: 1 })).toBe(true);
    expect(isDrainInstance(instance)).toBe(true);
    expect(isDrainInstance({ ...instance, endedAt: 3, goneAt: 3, lambda: true, retentionDays: 90, more: 1 })).toBe(
      true,
    );
  });

  it.each([
    ['instance', ''],
    ['instance', 'x'.repeat(513)],
    ['run', 1],
    ['userPoolId', null],
    ['pool', 'old'],
    ['day', '2026-02-30'],
    ['day', '2026-1-1'],
    ['day', 'yesterday'],
    ['tokens', -1],
    ['tokens', 1.5],
    ['tokens', '1'],
    ['users', '?'],
    ['users', undefined],
    ['hours', {}],
    ['hours', [null]],
    ['hours', [{ ...hour, hour: 24 }]],
    ['hours', [{ ...hour, users: 'z' }]],
    ['hours', Array.from({ length: 25 }, () => hour)],
    ['clients', undefined],
    ['clients', [{ ...client, clientId: '' }]],
    ['clients', [{ ...client, hours: [-1] }]],
    ['clients', [{ ...client, hours: Array.from({ length: 25 }, () => 0) }]],
    ['clients', [{ ...client, lastToken: Number.POSITIVE_INFINITY }]],
    ['clients', [{ ...client, latestExpiry: LAST_MOMENT + 1 }]],
  ])('is no record where %s is %j', (name, value) => {
    expect(isDrainRecord({ ...record, [name]: value })).toBe(false);
  });

  it.each([
    ['instance', undefined],
    ['run', ''],
    ['startedAt', '1'],
    ['reportedAt', -1],
    ['reportedAt', LAST_MOMENT * 2],
    ['endedAt', null],
    ['goneAt', 'now'],
    ['unjudgedAt', 'now'],
    ['flushSeconds', 0],
    ['flushSeconds', 1e9],
    ['lambda', 'yes'],
    ['retentionDays', 0],
    ['retentionDays', '90'],
    ['legacy', undefined],
    ['legacy', [{ ...trace, lastToken: undefined }]],
  ])('is no instance where %s is %j', (name, value) => {
    expect(isDrainInstance({ ...instance, [name]: value })).toBe(false);
  });

  it('is judged without an exception, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(isDrainRecord(value)).toBe(false);
        expect(isDrainInstance(value)).toBe(false);
      }),
    );
  });
});
