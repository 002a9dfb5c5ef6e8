import { describe, expect, it } from 'vitest';
import { assess } from '../../src/assess/assess.js';
import { context, LEGACY_ID, NEW_ID, newParts, OWN_TRIGGERS, pair } from './pools.js';

const unread = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;

describe('an assessment', () => {
  it('of two pools without fault says so', () => {
    const assessment = assess(pair(), context);
    expect(assessment.summary).toMatchObject({ blocker: 0, warning: 0, info: 4, notDetermined: 0 });
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
    expect(assessment.findings.map(({ id }) => id)).toEqual(['linked-users', 'identity-pools']);
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
