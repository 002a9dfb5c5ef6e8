import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { FIXED_AT_CREATION } from '../../../../src/assess/advice/settled.js';
import { assess } from '../../../../src/assess/assess.js';
import type { Snapshot } from '../../../../src/assess/snapshot/pool-snapshot.js';
import { briefLines } from '../../../../src/cli/commands/assess/brief.js';
import { FAULTS } from '../../../assess/checks/faults/index.js';
import { merged } from '../../../assess/fix/merged.js';
import { WORST } from '../../../assess/fix/worst-pools.js';
import { POOL_PAIRS } from '../../../assess/pool-pairs/index.js';
import { samlOnly } from '../../../assess/pool-pairs/saml-only.js';
import { context, newClient, pair } from '../../../assess/pools.js';

const plain = pc.createColors(false);
const ALL = 'cognito-cutover assess --all --snapshot before.json';
const brief = (snapshot: Snapshot, width = 100) =>
  briefLines(assess(snapshot, context), { colours: plain, width }, { command: ALL, readsAgain: false });

const [worst = pair()] = WORST;
/** The worst of all: much of what is wrong is fixed at creation. */
const recreated = merged(pair(), worst, pair({ new: { settings: { aliasAttributes: [], caseSensitive: true } } }));

const docs = readFileSync(new URL('../../../../docs/assess.md', import.meta.url), 'utf8');

describe('the report in two screens', () => {
  const snapshots = [
    ...FAULTS.map(({ snapshot }) => snapshot),
    ...POOL_PAIRS.map(({ snapshot }) => snapshot),
    ...POOL_PAIRS.map(({ snapshot }) => ({ ...snapshot, new: null })),
    ...WORST,
    recreated,
  ];

  it('never takes more, whatever the pools are', () => {
    const all = snapshots.map((snapshot) => brief(snapshot));
    expect(Math.max(...all.map((lines) => lines.length))).toBeLessThanOrEqual(48);
    expect(all.flat().filter((line) => line.length > 100 && !line.includes('  cognito-cutover'))).toEqual([]);
  });

  it('names every blocker, whatever the pools are', () => {
    const missing = snapshots.flatMap((snapshot) => {
      const text = brief(snapshot).join(' ').replace(/\s+/g, ' ');
      return assess(snapshot, context)
        .findings.filter(({ severity, id }) => severity === 'blocker' && !text.includes(id))
        .map(({ id }) => id);
    });
    expect(missing).toEqual([]);
  });

  it('says the verdict, the ways, the steps with what they settle, and the cost, before any finding', () => {
    const lines = brief(pair({ new: newClient({ writeAttributes: null }) }));
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^1 blocker, no warnings, 4 notes, \d+ checks passed$/),
      '1 blocker to remove before users move.',
    ]);
    const order = [
      '  legacy pool eu-west-1_Legacy001 (shop): 1,000 users, 800 with a password, 200 through Google',
      'Which way fits whom',
      '  Backfill                 900  90.0%',
      '   1. Make sure that custom:legacy_sub exists, that the app clients whose tokens need it can read',
      '      it, and that users cannot write it. (1 blocker)',
      '   2. Mount the middleware in every API                     2 notes',
      '   3. Find the identity pools that trust the legacy pool    1 note',
      '   4. Run plan --groups and publish, then apply and verify  1 note',
      '  Backfill of the new pool    900  1 min 30 s           900  $13.50',
      '  A monthly active user costs $0.015 in the new pool, $0.015 in eu-west-1_Legacy001 (list price)',
      'BLOCKER Users can write custom:legacy_sub themselves attribute-writable',
      '  Seen: 1 app client can write it: web (web-new-id), without a write list.',
      'NOTE Group memberships do not move by themselves group-memberships',
      `  ${ALL}`,
    ];
    expect(lines.filter((line) => order.includes(line))).toEqual(order);
    expect(lines.join('\n')).not.toContain('Fix:');
  });

  it('puts first what is fixed at creation', () => {
    const lines = brief(recreated);
    expect(lines.join(' ')).toContain('Start with what is fixed at creation: a new pool voids all other fixes.');
    const found = lines.filter((line) => /^(?:BLOCKER|WARNING|NOTE) /.test(line));
    expect(found[0]).toBe(
      'BLOCKER Users can no longer sign in with their email sign-in-options-differ, fixed at creation',
    );
    expect(found[1]).toMatch(/^WARNING The pools treat upper and lower case in usernames differently/);
  });

  it('counts the findings for which there is no room, and still names the blockers', () => {
    const text = brief(WORST[1] ?? worst)
      .join(' ')
      .replace(/\s+/g, ' ');
    expect(text).toMatch(/And \d blockers \((?:[a-z-]+, )+[a-z-]+\), 16 warnings, 9 notes Next:/);
  });

  it('gives the whole first step, for example how to create the new pool', () => {
    const lines = brief({ ...pair(), new: null });
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('add custom:legacy_sub: a String, mutable, MaxLength 2048.');
  });

  it('says what is not known, and never that nothing blocks', () => {
    const users = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;
    const text = brief({ ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, users })) }).join('\n');
    expect(text).toMatch(/^No blocker was found, but \d+ checks could not be made\.$/m);
    expect(text).toContain('The ways, the steps and the cost depend on the number of users');
    expect(text).toMatch(/cognito-idp:ListUsers on eu-west-1_Legacy001 is denied: \d+ checks/);
    expect(text).not.toContain('Nothing blocks');
  });

  it('names the first of many missing permissions', () => {
    const parts = [
      'settings',
      'mfa',
      'clients',
      'providers',
      'resourceServers',
      'groups',
      'replicas',
      'quotas',
    ] as const;
    const unread = Object.fromEntries(
      parts.map((name) => [name, { known: 'no', permission: `cognito-idp:Read${name}`, reason: 'not-supported' }]),
    );
    const blind = { ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, ...unread })) } as Snapshot;
    const lines = brief(blind);
    expect(lines.filter((line) => line.includes('is not supported: '))).toHaveLength(6);
    expect(lines.find((line) => /^ {2}and \d permissions? more$/.test(line))).toBeDefined();
  });

  it.each([80, 60])('wraps between words on a terminal of %i columns', (width) => {
    const all = [samlOnly.snapshot, ...WORST].flatMap((snapshot) => brief(snapshot, width));
    const tables = /^ {2}\S.*\$[\d.,]+$|active users {2,}cost$/;
    expect(all.filter((line) => line.length > width && !tables.test(line) && line !== `  ${ALL}`)).toEqual([]);
    expect(all).toContain('   8. Keep the legacy pool, with deletion protection');
  });

  it('shows a foreign name as text, and colours only what is wanted', () => {
    const hostile = pair({ legacy: { settings: { name: '\u001b[2J\u202eshop\nBLOCKER' } } });
    expect(brief(hostile).join('\n')).toContain('(\\u001b[2J\\u202eshop\\u000aBLOCKER)');
    const coloured = briefLines(
      assess(hostile, context),
      { colours: pc.createColors(true), width: 100 },
      { command: ALL, readsAgain: false },
    );
    expect(coloured.join('\n')).toContain('\u001b[32m81 checks passed\u001b[39m');
  });
});

describe('docs/assess.md', () => {
  it('shows the report as it is', () => {
    expect(docs).toContain(brief(pair({ new: newClient({ writeAttributes: null }) })).join('\n'));
  });

  it('says which findings are about what is fixed at creation', () => {
    const marked = [...docs.matchAll(/^\| `([a-z-]+)` \|.*\(fixed at creation\) \|$/gm)].map(([, id]) => id);
    expect(marked.toSorted()).toEqual([...FIXED_AT_CREATION].sort());
  });
});
