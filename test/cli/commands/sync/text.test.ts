import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { SyncResult } from '../../../../src/cli/commands/sync/result.js';
import { syncLines } from '../../../../src/cli/commands/sync/text.js';
import type { CommandContext } from '../../../../src/cli/define-command.js';
import { OUTCOMES } from '../../../../src/migrate/outcomes.js';

const context = { colours: pc.createColors(false), again: (command: string) => command } as CommandContext;
const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
const plan = { outcomes: none, newUsers: 10, writes: 3 } as unknown as NonNullable<SyncResult['plan']>;
const calm: SyncResult = { plan, guards: [], apply: null, verify: null, publish: null, seconds: 61 };

describe('a night in words', () => {
  it('says how long it took, and asks nothing of anybody where all is well', () => {
    expect(syncLines(calm, context)).toEqual([
      'Done in 1 min 1 s',
      '  planned        10 users, 3 changes',
      '  need a person  0',
    ]);
  });

  it('names every guard that does not hold, with the option that allows it', () => {
    const lines = syncLines(
      {
        ...calm,
        guards: [
          { guard: 'writes', found: 3_000, limit: 1_000, ok: false },
          { guard: 'removals', found: 11, limit: 10, ok: false },
          { guard: 'forAPerson', found: 0, limit: 100, ok: true },
        ],
      },
      context,
    );
    expect(lines[0]).toBe('Nothing was written or published: this plan is unusual');
    expect(lines).toContain('Writes: 3,000, at most 1,000 allowed. If that is expected: --most-writes 3000');
    expect(lines.join('\n')).toContain('--allow-removals 11');
    expect(lines.join('\n')).not.toContain('--most-for-a-person');
    expect(lines.at(-1)).toBe('  report --html report.html');
  });

  it('says so when another command held the state', () => {
    expect(syncLines({ ...calm, plan: { ...plan, inForce: false } }, context)[0]).toContain('another command is using');
  });
});
