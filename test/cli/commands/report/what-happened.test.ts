import { describe, expect, it } from 'vitest';
import {
  totalOf,
  type WhatHappened,
  whatHappened,
  writesSection,
} from '../../../../src/cli/commands/report/what-happened.js';
import type { ReportCounts, WriteTally } from '../../../../src/migrate/control/report-counts.js';
import { OUTCOMES } from '../../../../src/migrate/outcomes.js';
import type { StatusResult, VerifyResult } from '../../../../src/migrate/results.js';

const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
const tally = (more: Partial<WriteTally>): WriteTally => {
  const ends = { written: 0, skipped: 0, failed: 0, rolledBack: 0, left: 0, ...more };
  return { planned: ends.written + ends.skipped + ends.failed + ends.rolledBack + ends.left, ...ends };
};

interface Told {
  readonly phase: ReportCounts['phase'];
  readonly values?: Partial<WriteTally>;
  readonly counts?: Partial<ReportCounts>;
  readonly status?: Partial<StatusResult>;
  readonly outcomes?: object;
  readonly verified?: Partial<VerifyResult>;
}

function told({ phase, values = {}, counts = {}, status = {}, outcomes = {}, verified }: Told): WhatHappened {
  const result = { checked: 9, right: 9, wrong: 0, missing: 0, duplicates: 0, ...verified };
  return {
    status: {
      ...{ phase, running: false, plan: { outcomes: { ...none, ...outcomes } }, writes: { lastAt: new Date(1000) } },
      verified: verified && { at: new Date(2000), result },
      ...status,
    } as StatusResult,
    counts: {
      ...{ phase, values: tally(values), failedUsers: 0, skippedUsers: 0, failedGroups: [], needPerson: 0 },
      ...counts,
    },
    again: (command) => `cognito-cutover ${command}`,
    planAgain: (mapping) => `cognito-cutover plan${mapping === undefined ? '' : ` --mapping ${mapping}`}`,
  };
}

const textOf = (page: WhatHappened) => whatHappened(page).text;
const commandsOf = (page: WhatHappened) =>
  [...textOf(page).matchAll(/class="command">cognito-cutover ([^<]*)</g)].map(([, command]) => command);
const SETTLE = ['report --decide decided.csv', 'plan --mapping decided.csv'];

describe('the first lines', () => {
  it.each<[Told, string]>([
    [{ phase: 'planned' }, 'Planned: there is nothing to write.'],
    [{ phase: 'planned', values: { left: 1 } }, 'Planned: 1 write, none done yet.'],
    [{ phase: 'applying', values: { written: 7, left: 17 } }, 'Partly applied: 7 of 24 writes are done, 17 are left.'],
    [{ phase: 'applied', values: { written: 24 } }, 'Applied: all 24 planned writes are done.'],
    [{ phase: 'applied', values: { written: 1 } }, 'Applied: the planned write is done.'],
    [
      { phase: 'applied', values: { written: 4, failed: 2, skipped: 1 } },
      'Applied: 4 of 7 planned writes are done, 2 failed, 1 skipped.',
    ],
    [
      { phase: 'applied', values: { written: 4, rolledBack: 2 } },
      'Applied: 4 of 6 planned writes are done. 2 writes of it were taken back by rollback.',
    ],
    [{ phase: 'rolling-back', values: { written: 4, rolledBack: 2 } }, '2 of 6 writes of this plan are taken back'],
    [{ phase: 'rolled-back', values: { rolledBack: 6 } }, 'Rolled back: what this state wrote was removed or restored'],
    [{ phase: 'applied', values: { written: 1 }, status: { phase: 'listing' } }, 'A newer plan is not finished yet.'],
    [{ phase: 'applying', values: { left: 1 }, status: { running: true } }, 'A command is working on this state'],
  ])('of %j', (state, words) => expect(textOf(told(state))).toContain(words));

  it('say who needs a person, and what the last verification found', () => {
    expect(textOf(told({ phase: 'planned' }))).toContain('No user needs a person.');
    expect(textOf(told({ phase: 'planned', counts: { needPerson: 1 } }))).toContain('1 user needs a person.');
    const wrong = textOf(told({ phase: 'applied', verified: { wrong: 3, foreseen: 1 } }));
    expect(wrong).toContain('<a href="#verification">The last verification found 2 problems.</a>');
    expect(wrong).not.toContain('No user needs a person.');
  });
});

describe('the cards', () => {
  const cardsOf = (state: Told) =>
    Object.fromEntries(
      [...textOf(told(state)).matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd><dd>(.*?)<\/dd>/g)].map(
        ([, title = '', value, note = '']) => [title, `${value}; ${note.replace(/<[^>]*>/g, '')}`],
      ),
    );

  it('say what was planned, written, verified and is left', () => {
    expect(cardsOf({ phase: 'applying', values: { written: 3, failed: 1, left: 4 } })).toEqual({
      Planned: '8; values to write',
      Written: '3; 37.5% of what was planned',
      Left: '4; for the next apply, 1 failed',
      Verified: 'not yet; run verify after apply',
    });
  });

  it('say after a rollback what was taken back', () => {
    expect(cardsOf({ phase: 'rolled-back', values: { written: 1, rolledBack: 5, left: 2 } })).toMatchObject({
      'Still written': '1; not taken back',
      'Taken back': '5; by rollback',
      Left: '2; never written',
    });
  });

  it('say when a verification is older than the last write', () => {
    const verified = { right: 8 };
    expect(cardsOf({ phase: 'applied', verified })['Verified']).toBe('8 of 9; right, 1970-01-01 00:00 UTC');
    const status = { writes: { lastAt: new Date(3000) } as StatusResult['writes'] };
    const later = told({ phase: 'applied', verified: { ...verified, wrong: 1 }, status });
    expect(textOf(later)).toContain('The last verification, before the last write, found 1 problem.');
    expect(textOf(later)).toContain('right</a>, before the last write');
  });
});

describe('the next steps', () => {
  it.each<[Told, readonly string[]]>([
    [{ phase: 'planned' }, ['verify']],
    [{ phase: 'planned', values: { left: 3 } }, ['apply']],
    [{ phase: 'planned', values: { left: 3 }, outcomes: { conflict: 1 } }, [...SETTLE, 'apply']],
    // Their candidates are not the question.
    [{ phase: 'applied', values: { written: 3, failed: 1 }, counts: { needPerson: 1 } }, ['apply', 'verify']],
    [{ phase: 'applied', values: { written: 3 } }, ['verify']],
    [{ phase: 'applied', values: { written: 3 }, verified: {} }, []],
    [{ phase: 'rolling-back', values: { written: 3 } }, ['rollback']],
    [{ phase: 'rolled-back', values: { rolledBack: 3 }, outcomes: { conflict: 1 } }, ['plan']],
    [{ phase: 'applying', values: { left: 3 }, status: { phase: 'matching' } }, ['plan']],
    [{ phase: 'applying', values: { left: 3 }, status: { running: true } }, []],
  ])('of %j are %j', (state, commands) => expect(commandsOf(told(state))).toEqual(commands));
});

describe('the writes', () => {
  it('add up, by kind and in all', () => {
    const groups = tally({ written: 1, left: 1 });
    const memberships = tally({ failed: 2, skipped: 3 });
    const page = told({ phase: 'applied', values: { written: 5 }, counts: { groups, memberships, failedUsers: 1 } });
    expect(totalOf(page.counts)).toEqual(tally({ written: 6, left: 1, failed: 2, skipped: 3 }));
    const { text } = writesSection(page);
    const rows = [...text.matchAll(/<th scope="row">(?:<svg.*?<\/svg>)?(.*?)<\/th>(.*?)<\/tr>/gs)].map(
      ([, name = '', cells = '']) => [
        name.replace(/<[^>]*>/g, ''),
        ...[...cells.matchAll(/>(\d+)</g)].map(([, count]) => Number(count)),
      ],
    );
    expect(rows).toEqual([
      ['Written', 5, 1, 0, 6],
      ['Skipped', 0, 0, 3, 3],
      ['Failed', 0, 0, 2, 2],
      ['Left', 0, 1, 0, 1],
      ['Total planned', 5, 2, 5, 12],
    ]);
    expect(text).toContain('<a href="#failed">Failed</a>');
  });

  it('name the groups that Cognito refused, as text', () => {
    const failedGroups = [{ name: '<b>', error: 'LimitExceededException' }];
    const page = told({ phase: 'applied', values: { written: 1 }, counts: { failedGroups } });
    expect(writesSection(page).text).toContain('<li><code>&lt;b&gt;</code>: LimitExceededException</li>');
  });

  it('are left out where there are none', () => expect(writesSection(told({ phase: 'planned' })).text).toBe(''));
});
