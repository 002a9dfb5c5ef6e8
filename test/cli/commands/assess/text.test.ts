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
  it('begins with the verdict, says which way fits whom, in which order, at what cost, what was found, and ends with the count', () => {
    const lines = text(pair({ new: newClient({ writeAttributes: null }) })).split('\n');
    expect(lines[0]).toBe(lines.at(-1));
    expect(lines[1]).toBe('1 blocker to remove before users move.');
    const order = [
      'Pools as of 2026-03-03 12:00 UTC',
      'legacy pool eu-west-1_Legacy001 (shop): 1,000 users',
      'Which way fits whom',
      'Order of steps',
      'Cost of giving users their legacy id',
      'For the fixes below: define this function once in the shell in which you run them',
      'Blockers: 1',
      'BLOCKER Users can write custom:legacy_sub themselves attribute-writable, eu-west-1_NewPool01',
      'Notes: 4',
      'Settings that differ',
      'Users who move by signing in (estimate)',
    ];
    expect(lines.filter((line) => order.includes(line))).toEqual(order);
    expect(lines).toEqual(expect.arrayContaining(['    800  With a password', '    200  Through Google']));
    expect(lines.join('\n')).toContain(
      '900 writes (1 min 30 s at 10 a second), 900 monthly active users, about $13.50',
    );
    expect(lines.at(-1)).toMatch(/^1 blocker, no warnings, 4 notes, \d+ checks passed$/);
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

it('lets no name colour or hide what follows it, or look like a line of its own', () => {
  const hostile = 'x\u001b[31mred\u001b[8m\nBLOCKER forged\u009b2J';
  const given = JSON.stringify(
    pair({ new: { ...newClient({ writeAttributes: null }), settings: { aliasAttributes: [] } } }),
  );
  const names = /"(?:shop|Google|web|staff|orders\/read|custom:tenant|username|shop-legacy|eu-west-1_\w+)"/g;
  const named = JSON.parse(given.replaceAll(names, JSON.stringify(hostile)));
  const lines = assessmentLines(assess(named, context), plain);
  expect(lines.join('')).toContain(String.raw`x\u001b[31mred\u001b[8m\u000aBLOCKER forged\u009b2J`);
  const printed = lines.join('\n');
  expect(['\u001b', '\u009b'].filter((character) => printed.includes(character))).toEqual([]);
  expect(printed.split('\n').filter((line) => line.startsWith('BLOCKER forged'))).toEqual([]);
});

describe('the fixes', () => {
  it('state the shell function once, and call it', () => {
    const faulty = text(
      pair({ new: { ...newClient({ writeAttributes: null }), settings: { deletionProtection: false } } }),
    );
    expect(faulty.match(/update_cognito\(\) \(/g)).toHaveLength(1);
    expect(faulty).toContain(
      `      update_cognito pool eu-west-1 eu-west-1_NewPool01 '.DeletionProtection = "ACTIVE"'`,
    );
    expect(faulty.indexOf('update_cognito() (')).toBeLessThan(faulty.indexOf('      update_cognito client '));
  });

  it('come without the function where none needs it', () => {
    expect(text(pair())).not.toContain('update_cognito');
  });

  it('about what is fixed at creation come first, with the reason', () => {
    expect(text(pair({ new: { ...newClient({ writeAttributes: null }), settings: { caseSensitive: true } } }))).toMatch(
      /Fixed at creation: 1\n {2}Start here\. .*voids every other fix\.\n\nWARNING [\s\S]*\nOther blockers: 1\n/,
    );
  });
});

describe('on a terminal', () => {
  it('sentences wrap, and commands stay whole', () => {
    const assessment = assess(pair({ new: newClient({ writeAttributes: null }) }), context);
    const lines = assessmentLines(assessment, plain, 80);
    const long = lines.filter((line) => line.length > 80);
    expect(long.filter((line) => !/^ {6}|^ {2}https:|^ {4}\w+: |^For the fixes/.test(line))).toEqual([]);
    expect(lines.some((line) => line.startsWith('      update_cognito client ') && line.length > 80)).toBe(true);
  });
});

it('says why a curve is flat', () => {
  expect(text(pair())).toContain('  Users of identity providers: all of them have moved after 7 days.');
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
