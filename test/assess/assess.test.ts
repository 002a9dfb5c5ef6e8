import { describe, expect, it } from 'vitest';
import { assess } from '../../src/assess/assess.js';
import { client, context, LEGACY_ID, NEW_ID, newParts, OWN_TRIGGERS, pair } from './pools.js';

const unread = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;

describe('an assessment', () => {
  it('of two pools without fault says so', () => {
    const assessment = assess(pair(), context);
    expect(assessment.summary).toMatchObject({ blocker: 0, warning: 0, info: 3, notDetermined: 0 });
    expect(assessment.pools.map(({ side, userPoolId }) => [side, userPoolId])).toEqual([
      ['legacy', LEGACY_ID],
      ['new', NEW_ID],
    ]);
    expect(assessment.takenAt).toBe('2026-03-03T12:00:00.000Z');
    expect(assessment.mfa).toMatchObject([{ mode: 'OFF', atLeast: 0, atMost: 0 }]);
  });

  it('puts the worst first', () => {
    const faulty = pair({ new: { settings: { triggers: [] }, groups: [], providers: [] } });
    const { findings } = assess(faulty, context);
    expect(findings[0]?.severity).toBe('blocker');
    expect(findings.map(({ severity }) => severity)).toEqual(
      [...findings.map(({ severity }) => severity)].sort(
        (a, b) => ['blocker', 'warning', 'info'].indexOf(a) - ['blocker', 'warning', 'info'].indexOf(b),
      ),
    );
  });

  it('is plain JSON', () => {
    const assessment = assess(pair(), context);
    expect(JSON.parse(JSON.stringify(assessment))).toEqual(assessment);
    expect(JSON.stringify(assessment)).not.toContain('NaN');
  });

  it('of a legacy pool alone answers what can be known before the new one exists', () => {
    const assessment = assess({ ...pair({ legacy: { users: { linked: 3 } } }), new: null }, context);
    expect(assessment.findings.map(({ id }) => id)).toEqual(['linked-users']);
    expect(assessment.cost?.ways.map(({ way }) => way)).toEqual(['migration-trigger', 'csv-import']);
    expect(assessment.recommendation?.replication).toBeDefined();
    expect(assessment.clients).toEqual([]);
  });

  it('of several legacy pools judges each against the new one', () => {
    const second = pair({ legacy: { groups: [{ name: 'other', precedence: null, hasRole: false }] } }).legacy;
    const both = { ...pair(), legacy: [...pair().legacy, ...second.map((pool) => ({ ...pool, userPoolId: 'l_2' }))] };
    const assessment = assess(both, context);
    expect(assessment.findings.filter(({ id }) => id === 'groups-missing')).toHaveLength(1);
    expect(assessment.pools).toHaveLength(3);
    expect(assessment.recency?.native).toBe(1600);
    expect(assessment.clients.map(({ legacyPool }) => legacyPool)).toEqual([LEGACY_ID, 'l_2']);
  });

  it('counts what it could not determine, and never as passed', () => {
    const blind = { ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, users: unread })) };
    const assessment = assess(blind, context);
    expect(assessment.recency ?? assessment.cost ?? assessment.recommendation).toBeNull();
    expect(assessment.notDetermined.map(({ id }) => id)).toContain('duplicate-emails');
    expect(assessment.summary.notDetermined).toBe(assessment.notDetermined.length);
    expect(assessment.summary.passed).toBe(assess(pair(), context).summary.passed - assessment.notDetermined.length);
    expect(assessment.pools[0]?.users).toBeNull();
  });

  it('shows settings side by side, with what differs and what is fixed', () => {
    const { settings } = assess(pair({ new: { settings: { aliasAttributes: [], plan: 'PLUS' } } }), context);
    const of = (name: string) => settings.find(({ setting }) => setting === name);
    expect(of('Sign-in names')).toEqual({
      setting: 'Sign-in names',
      values: ['username, email', 'username'],
      differs: true,
      fixed: true,
    });
    expect(of('Plan')).toMatchObject({ values: ['ESSENTIALS', 'PLUS'], differs: true, fixed: false });
    expect(of('Deletion protection')).toMatchObject({ differs: false });
    expect(of('Groups')).toMatchObject({ values: ['1', '1'] });
  });

  it('does not take what could not be read for a difference', () => {
    const settings = { known: 'no', permission: 'cognito-idp:DescribeUserPool', reason: 'denied' } as const;
    const half = { ...pair(), legacy: pair().legacy.map((pool) => ({ ...pool, settings })) };
    const plan = assess(half, context).settings.find(({ setting }) => setting === 'Plan');
    expect(plan).toMatchObject({ values: [null, 'ESSENTIALS'], differs: false });
  });

  it('lists app clients one by one, paired by name', () => {
    const job = client({ id: 'job', name: 'job', oauthFlows: ['client_credentials'] });
    const extra = client({ id: 'extra', name: 'extra', readAttributes: null, writeAttributes: null });
    const { clients } = assess(
      pair({
        legacy: { clients: [client(), job] },
        new: { clients: [...newParts.clients, extra] },
      }),
      context,
    );
    const rows = clients[0]?.rows.map((row) => [
      row.name,
      row.kind,
      row.legacyId,
      row.newId,
      row.readsAttribute,
      row.writesAttribute,
    ]);
    expect(rows).toEqual([
      ['web', 'people', 'web-client-id', 'web-new-id', 'yes', 'no'],
      ['job', 'machine', 'job', null, null, null],
      ['extra', 'people', null, 'extra', 'not certain', 'yes'],
    ]);
  });

  it.each([
    ['OPTIONAL', 0, 800],
    ['ON', 800, 800],
  ] as const)('knows of MFA %s that %i to %i users have it', (mfa, atLeast, atMost) => {
    const kinds = { settings: { mfa }, mfa: { email: true } };
    const [summary] = assess(pair({ legacy: kinds, new: kinds }), context).mfa;
    expect(summary).toMatchObject({ mode: mfa, kinds: ['e-mail'], atLeast, atMost });
    expect(summary?.ways.map(({ way }) => way)).toEqual([
      'federation',
      'migration at first sign-in',
      'import and reset',
    ]);
  });

  it('leaves second factors to the identity providers where nobody has a password', () => {
    const legacy = { settings: { mfa: 'ON' as const }, mfa: { softwareToken: true }, users: { native: 0 } };
    expect(assess(pair({ legacy }), context).mfa).toMatchObject([{ mode: 'ON', atLeast: 0, atMost: 0, ways: [] }]);
  });

  it('asks for less where only ID tokens, or only access tokens, are accepted', () => {
    const faulty = pair({
      new: {
        settings: { triggers: OWN_TRIGGERS.filter(({ name }) => name !== 'PreTokenGeneration') },
        clients: newParts.clients.map((one) => ({ ...one, readAttributes: ['email', 'email_verified', 'name'] })),
      },
    });
    const ids = (tokenUse: 'id' | 'access' | 'any') =>
      assess(faulty, { ...context, options: { ...context.options, tokenUse } })
        .findings.filter(({ severity }) => severity !== 'info')
        .map(({ id }) => id);
    expect(ids('any')).toEqual(['attribute-not-readable', 'pre-token-trigger-missing']);
    expect(ids('id')).toEqual(['attribute-not-readable']);
    expect(ids('access')).toEqual(['pre-token-trigger-missing']);
  });
});
