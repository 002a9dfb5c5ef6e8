import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../src/assess/assess.js';
import type { Snapshot } from '../../../../src/assess/snapshot/pool-snapshot.js';
import { assessmentLines } from '../../../../src/cli/commands/assess/text.js';
import { samlOnly } from '../../../assess/pool-pairs/saml-only.js';
import { context, newClient, pair } from '../../../assess/pools.js';

const plain = pc.createColors(false);
const text = (snapshot: Snapshot) => assessmentLines(assess(snapshot, context), plain).join('\n');

describe('the report for a terminal', () => {
  it('says who lives where, what was found, what it costs, which way fits whom, and ends with the count', () => {
    const lines = text(pair({ new: newClient({ writeAttributes: null }) })).split('\n');
    expect(lines[0]).toBe('Pools as of 2026-03-03 12:00 UTC');
    expect(lines).toEqual(
      expect.arrayContaining([
        'legacy pool eu-west-1_Legacy001 (shop): 1,000 users',
        '    800  With a password',
        '    200  Through Google',
        'BLOCKER Users can write custom:legacy_sub themselves attribute-writable, eu-west-1_NewPool01',
        'Users who move by signing in (estimate)',
        'Cost of giving users their legacy id',
        'Which way fits whom',
        'Order of steps',
      ]),
    );
    expect(lines.join('\n')).toContain(
      '900 writes (1 min 30 s at 10 a second), 900 monthly active users, about $13.50',
    );
    expect(lines.at(-1)).toMatch(/^1 blocker, no warnings, 3 notes, \d+ checks passed$/);
  });

  it('names the permission that is missing once, with every check that waits for it', () => {
    const groups = { known: 'no', permission: 'cognito-idp:ListGroups', reason: 'denied' } as const;
    const blind = { ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, groups })) };
    expect(text(blind)).toContain(
      'Not determined\n  cognito-idp:ListGroups on eu-west-1_Legacy001 is denied: groups-missing, group-memberships, group-roles, group-precedence-differs',
    );
  });

  it('shows settings that differ, and which of them are fixed', () => {
    const differing = text(pair({ new: { settings: { aliasAttributes: [] } } }));
    expect(differing).toContain(
      '  Sign-in names (fixed when the pool was created)\n    legacy:  username, email\n    new:     username',
    );
  });

  it('colours nothing where colours are not wanted', () => {
    expect(text(pair())).not.toContain('\u001b');
    expect(assessmentLines(assess(pair(), context), pc.createColors(true)).join('')).toContain('\u001b[1m');
  });
});

describe('the steps', () => {
  it('name the findings that they settle', () => {
    expect(text(pair({ new: newClient({ writeAttributes: null }) }))).toMatch(
      /1\. Make sure that custom:legacy_sub exists, .*\n {6}Settles attribute-writable\n/,
    );
  });

  it('stand beside a word on the cost where nothing costs anything', () => {
    const lines = text(samlOnly.snapshot);
    expect(lines).toContain('Nothing: users arrive by signing in, and the attribute is set when they do.');
    expect(lines).toContain('No user of the legacy pool has a password: it only forwards sign-ins to');
  });
});
