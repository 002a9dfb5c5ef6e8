import { describe, expect, it } from 'vitest';
import { assess } from '../../../src/assess/assess.js';
import { context, LEGACY_ID, NEW_ID } from '../pools.js';
import { POOL_PAIRS } from './index.js';

describe.each(POOL_PAIRS)('of $name', (pair) => {
  const assessment = assess(pair.snapshot, context);
  const { recommendation } = assessment;

  it('finds what is wrong, and nothing else', () => {
    expect(assessment.findings.map(({ severity, id, userPoolId }) => [severity, id, userPoolId])).toEqual(
      pair.findings.map(([severity, id, legacy]) => [severity, id, legacy === undefined ? NEW_ID : LEGACY_ID]),
    );
    expect(assessment.notDetermined).toEqual([]);
  });

  it('recommends the ways that its users can go', () => {
    expect(recommendation?.shares.map(({ way, users }) => [way, users])).toEqual(pair.shares);
    const total = assessment.pools[0]?.users?.total;
    expect(pair.shares.reduce((sum, [, users]) => sum + users, 0)).toBe(total);
    expect(recommendation?.replication).toBe(pair.replication);
    expect(recommendation?.providerDirectly).toBe(pair.providerDirectly);
  });

  it('says what to do, in order, and what is settled with it', () => {
    expect(recommendation?.procedure).toEqual(pair.procedure);
    expect(recommendation?.steps).toEqual(pair.procedure.map(({ step }) => step));
    const settled = pair.procedure.flatMap(({ settles }) => settles);
    expect([...settled].sort()).toEqual(pair.findings.map(([, id]) => id).sort());
  });

  it('says what these people have to be told, and nothing that is not for them', () => {
    const findings = assessment.findings.flatMap(({ title, seen, why, fix }) => [title, seen, why, fix]);
    const advice = [...(recommendation?.shares.map(({ why }) => why) ?? []), ...(recommendation?.steps ?? [])];
    const text = [...findings, ...advice].join('\n');
    for (const sentence of pair.says ?? []) expect(text).toContain(sentence);
    for (const sentence of pair.neverSays ?? []) expect(text).not.toContain(sentence);
  });
});
