import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/assess/checks/index.js';
import type { CheckOptions } from '../../../src/assess/define-check.js';
import type { Finding } from '../../../src/assess/finding.js';
import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { HAS } from '../../support/tools.js';
import { FAULTS } from '../checks/faults/index.js';
import { context, pair } from '../pools.js';
import { applyAll, changesOf, type Job } from './applied.js';
import { readAgain, statesOf } from './cognito-state.js';
import { Conflict, merged } from './merged.js';
import { WORST } from './worst-pools.js';

type Options = Partial<CheckOptions> | undefined;

function findings(snapshot: Snapshot, options: Options, only?: readonly string[]): Finding[] {
  const given = { ...context, options: { ...context.options, ...options } };
  const checks = only === undefined ? CHECKS : CHECKS.filter(({ id }) => only.includes(id));
  return checks.flatMap((check) => check.run(snapshot, given)).flatMap((result) => result.findings);
}

const keyOf = ({ id, userPoolId }: Finding) => `${id} of ${userPoolId}`;
const objectsOf = ({ fix }: Finding) => changesOf(fix).map(({ userPoolId, object }) => `${object} of ${userPoolId}`);

/** A new finding that a fix may lead to: the trigger it sets needs something in turn, as its text says. */
const FOLLOW_UPS = ['legacy-password-flow-missing', 'user-migration-flow-missing'];

interface Case {
  readonly snapshot: Snapshot;
  readonly options: Options;
  readonly pair: readonly [Finding, Finding];
}

/** Every two findings of the snapshot whose fixes change one object. */
function casesOf(snapshot: Snapshot, options: Options, only?: readonly string[]): Case[] {
  const fixable = findings(snapshot, options, only).map((finding) => ({ finding, objects: objectsOf(finding) }));
  return fixable.flatMap((a, at) =>
    fixable
      .slice(at + 1)
      .filter((b) => a.objects.some((object) => b.objects.includes(object)))
      .map((b) => ({ snapshot, options, pair: [a.finding, b.finding] as const })),
  );
}

function allCases(): Case[] {
  const base = pair();
  const faults = FAULTS.filter(({ snapshot }) => snapshot.legacy.length === 1).map((fault) => {
    const finding = findings(fault.snapshot, fault.options, [fault.id])[0];
    return { ...fault, objects: finding === undefined ? [] : objectsOf(finding) };
  });
  const merges = faults.flatMap((a, at) =>
    faults.slice(at + 1).flatMap((b) => {
      if (a.id === b.id || !a.objects.some((object) => b.objects.includes(object))) return [];
      try {
        return casesOf(merged(base, a.snapshot, b.snapshot), { ...a.options, ...b.options }, [a.id, b.id]);
      } catch (error) {
        if (error instanceof Conflict) return [];
        throw error;
      }
    }),
  );
  return [...merges, ...WORST.flatMap((snapshot) => casesOf(snapshot, undefined))];
}

describe.skipIf(!HAS.jq)('two fixes that change one object', () => {
  const cases = HAS.jq ? allCases() : [];
  const inOrder = (first: 0 | 1): Snapshot[] => {
    const firsts = cases.map((one): Job => ({ states: statesOf(one.snapshot), fix: one.pair[first].fix }));
    const half = applyAll(firsts);
    const seconds = cases.map(
      (one, at): Job => ({ states: half[at] ?? new Map(), fix: one.pair[1 - first]?.fix ?? '' }),
    );
    const done = applyAll(seconds);
    return cases.map(({ snapshot }, at) => readAgain(snapshot, done[at] ?? new Map()));
  };
  const orders = [inOrder(0), inOrder(1)];

  it('are most of what can be fixed', () => {
    expect(new Set(cases.flatMap((one) => one.pair.map(({ id }) => id))).size).toBeGreaterThan(30);
    expect(cases.length).toBeGreaterThan(400);
  });

  it('leave what they were not made for as it was', () => {
    const snapshot = pair();
    expect(readAgain(snapshot, statesOf(snapshot))).toEqual(snapshot);
  });

  it.each([0, 1] as const)('are both done afterwards, and bring nothing back (order %i)', (order) => {
    const wrong = cases.flatMap(({ snapshot, options, pair: both }, at) => {
      const before = new Set(findings(snapshot, options).map(keyOf));
      const after = findings(orders[order]?.[at] ?? snapshot, options);
      return after
        .filter((finding) => both.some((one) => keyOf(one) === keyOf(finding)) || !before.has(keyOf(finding)))
        .filter(({ id, fix }) => !FOLLOW_UPS.includes(id) && !fix.includes('Then use the new attribute: --attribute'))
        .map((finding) => `${both[order].id}, then ${both[1 - order]?.id}: ${finding.id} ${finding.seen}`);
    });
    expect(wrong).toEqual([]);
  });

  it('give the same in either order', () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value))
        return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .sort()
          .map(([key, one]) => [key, sorted(one)]),
      );
    };
    const different = cases.filter(
      ({ pair: both }, at) =>
        // What stands in for an empty list is there only where the list was empty at that moment.
        !both.some(({ fix }) => /then \(?\["email"\] ?[|e]/.test(fix)) &&
        JSON.stringify(sorted(orders[0]?.[at])) !== JSON.stringify(sorted(orders[1]?.[at])),
    );
    expect(different.map(({ pair: both }) => both.map(({ id }) => id))).toEqual([]);
  });
});

describe('a call that is not a merge', () => {
  const literal = FAULTS.flatMap(({ snapshot, options }) => findings(snapshot, options)).flatMap(({ id, fix }) =>
    [...fix.matchAll(/^aws cognito-idp ((?:update|set|delete)-\S+) (?!.*--cli-input-json file:)(.*)$/gm)].map(
      ([, operation = '', input = '']) => ({ id, operation, input }),
    ),
  );
  const idsOf = (operation: string) => [
    ...new Set(literal.filter((one) => one.operation === operation).map(({ id }) => id)),
  ];

  it('changes nothing that another fix may have changed', () => {
    const operations = [...new Set(literal.map(({ operation }) => operation))].sort();
    expect(operations).toEqual(['update-group', 'update-provisioned-limit', 'update-resource-server']);
    expect(idsOf('update-resource-server')).toEqual(['resource-servers-missing']);
    expect(idsOf('update-provisioned-limit')).toEqual(['quotas-lower']);
    // What UpdateGroup is not told stays: each of the two names one member.
    const members = literal
      .filter(({ operation }) => operation === 'update-group')
      .map(({ id, input }) => [id, Object.keys(JSON.parse(/'(.*)'/.exec(input)?.[1] ?? '')).slice(2)]);
    expect(new Map(members as [string, string[]][])).toEqual(
      new Map([
        ['group-roles', ['RoleArn']],
        ['group-precedence-differs', ['Precedence']],
      ]),
    );
  });
});

describe.skipIf(!HAS.jq)('a fix', () => {
  it('made a second time changes nothing', () => {
    const all = HAS.jq
      ? FAULTS.flatMap(({ snapshot, options, id }) =>
          findings(snapshot, options)
            .filter((finding) => finding.id === id && objectsOf(finding).length > 0)
            .map((finding) => ({ id, states: statesOf(snapshot), fix: finding.fix })),
        )
      : [];
    const once = applyAll(all);
    const twice = applyAll(all.map(({ fix }, at) => ({ fix, states: once[at] ?? new Map() })));
    const changed = all.filter(
      (_one, at) => JSON.stringify([...(once[at] ?? [])]) !== JSON.stringify([...(twice[at] ?? [])]),
    );
    expect(all.length).toBeGreaterThan(40);
    expect(changed.map(({ id }) => id)).toEqual([]);
  });
});
