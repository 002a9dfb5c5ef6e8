import { describe, expect, it } from 'vitest';
import { assess } from '../../../../src/assess/assess.js';
import type { Finding, Severity } from '../../../../src/assess/finding.js';
import {
  findingGroups,
  isCode,
  prices,
  range,
  settledBy,
  severities,
  verdictOf,
} from '../../../../src/cli/commands/assess/in-words.js';
import { context, newClient, pair } from '../../../assess/pools.js';

const finding = (severity: Severity, id: string): Finding => ({
  ...{ severity, id, userPoolId: 'p', title: '', seen: '', why: '', fix: '', docs: '' },
});
const blocker = finding('blocker', 'attribute-writable');
const warning = finding('warning', 'linked-users');
const note = finding('info', 'endpoints-change');
const fixed = finding('warning', 'case-sensitivity-differs');

describe('the findings', () => {
  it('are counted by severity', () => {
    expect(severities([note, blocker, warning, warning])).toBe('1 blocker, 2 warnings, 1 note');
    expect(severities([])).toBe('');
  });

  it('are grouped, first what is fixed at creation, however mild it is', () => {
    const groups = findingGroups([blocker, warning, fixed, note]);
    expect(groups.map(({ heading, findings }) => [heading, findings])).toEqual([
      ['Fixed at creation', [fixed]],
      ['Other blockers', [blocker]],
      ['Other warnings', [warning]],
      ['Other notes', [note]],
    ]);
    expect(groups.map((group) => group.note !== undefined)).toEqual([true, false, false, false]);
  });

  it('have no groups without findings', () => {
    expect(findingGroups([note]).map(({ heading }) => heading)).toEqual(['Notes']);
    expect(findingGroups([])).toEqual([]);
  });

  it('that a step settles are those with its ids, of every pool', () => {
    const twice = { ...warning, userPoolId: 'q' };
    expect(settledBy({ settles: ['linked-users'] }, [blocker, warning, twice])).toEqual([warning, twice]);
  });
});

describe('the verdict', () => {
  const groups = { known: 'no', permission: 'cognito-idp:ListGroups', reason: 'denied' } as const;
  const blind = (snapshot = pair()) => ({
    ...snapshot,
    legacy: snapshot.legacy.map((pool) => ({ ...pool, groups })),
  });
  const linked = pair({ legacy: { users: { linked: 1 } } });
  const writable = pair({ new: newClient({ writeAttributes: null }) });
  it.each([
    ['nothing', pair(), 'good', 'Nothing blocks, and there are no warnings.'],
    ['warnings', linked, 'warn', 'Nothing blocks. 1 warning to decide on.'],
    ['a blocker', writable, 'blocked', '1 blocker to remove before users move.'],
    ['nothing, as far as is known', blind(), 'warn', 'No blocker was found, but 4 checks could not be made.'],
    [
      'warnings, as far as is known',
      blind(linked),
      'warn',
      'No blocker was found, but 4 checks could not be made. 1 warning to decide on.',
    ],
    [
      'a blocker, as far as is known',
      blind(writable),
      'blocked',
      '1 blocker to remove before users move. 4 checks could not be made.',
    ],
    [
      'what is fixed at creation',
      pair({ new: { settings: { aliasAttributes: [] } } }),
      'blocked',
      '1 blocker to remove before users move. Start with what is fixed at creation: a new pool voids all other fixes.',
    ],
  ])('of %s', (_what, snapshot, kind, text) => expect(verdictOf(assess(snapshot, context))).toEqual({ kind, text }));
});

it('a price names its source once, unless there are two', () => {
  const { cost } = assess(pair(), context);
  expect(prices(cost!)).toBe(
    'A monthly active user costs $0.015 in the new pool, $0.015 in eu-west-1_Legacy001 (list price)',
  );
  expect(prices({ ...cost!, mauPrice: 0.01, priceSource: 'given' })).toBe(
    'A monthly active user costs $0.01 in the new pool (given), $0.015 in eu-west-1_Legacy001 (list price)',
  );
});

it('a range of one number is that number', () => {
  expect([range(3, 3), range(0, 1200)]).toEqual(['3', '0 to 1,200']);
});

it.each([
  ['aws cognito-idp create-group', true],
  ['# First\naws …', true],
  ['clientAliases: {\n}', true],
  ['Run assess again tomorrow and compare.', false],
])('%j as code: %s', (fix, code) => expect(isCode(fix)).toBe(code));
