import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/assess/checks/index.js';
import type { Finding } from '../../../src/assess/finding.js';
import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { context, pair } from '../pools.js';
import type { Fault } from './faults/fault.js';
import { FAULTS } from './faults/index.js';

/** What is so in every move. */
const ALWAYS = ['client-ids-change', 'endpoints-change', 'group-memberships', 'identity-pools'];

function findings(snapshot: Snapshot, options: Fault['options'] = {}): Finding[] {
  const given = { ...context, options: { ...context.options, ...options } };
  return CHECKS.flatMap((check) => check.run(snapshot, given)).flatMap((result) => result.findings);
}

describe('the checks', () => {
  it('find nothing in a pair of pools without fault', () => {
    expect(findings(pair()).map(({ id }) => id)).toEqual([
      'endpoints-change',
      'identity-pools',
      'client-ids-change',
      'group-memberships',
    ]);
  });

  it.each(FAULTS.map((fault) => ({ ...fault, case: fault.case ?? '' })))('$id $case', (fault) => {
    const found = findings(fault.snapshot, fault.options);
    const finding = found.find(({ id }) => id === fault.id);
    expect(finding).toMatchObject({ severity: fault.severity });
    expect(finding?.seen).toContain(fault.seen ?? '');
    expect(finding?.fix).toContain(fault.fix ?? '');
    expect(found.map(({ id }) => id).filter((id) => id !== fault.id && !ALWAYS.includes(id))).toEqual(
      fault.besides ?? [],
    );
  });

  it('have a fault in this table each, and a name of their own', () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(FAULTS.map(({ id }) => id))).toEqual(new Set(ids));
  });

  it('are in the documentation, each with its severities', () => {
    const page = readFileSync(new URL('../../../docs/assess.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([a-z-]+)` \| (\w+)(?: or (\w+))? \|/gm)].map(([, id, one, other]) => [
      id,
      [one, other].filter((severity) => severity !== undefined).sort(),
    ]);
    const severities = CHECKS.map(({ id }) => [
      id,
      [...new Set(FAULTS.filter((fault) => fault.id === id).map(({ severity }) => severity))].sort(),
    ]);
    expect(documented).toEqual(severities);
  });

  it('say what was seen, why it matters, what to do, and where to read on', () => {
    for (const finding of FAULTS.flatMap(({ snapshot, options }) => findings(snapshot, options))) {
      expect(finding.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(finding.docs).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/cognito\//);
      for (const text of [finding.title, finding.seen, finding.why, finding.fix]) {
        expect(text, finding.id).not.toMatch(/undefined|\bnull\b|NaN|\[object|^\s*$/);
      }
    }
  });
});
