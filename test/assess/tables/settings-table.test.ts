import { describe, expect, it } from 'vitest';
import { poolsOf } from '../../../src/assess/define-check.js';
import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { settingsTable } from '../../../src/assess/tables/settings-table.js';
import { pair } from '../pools.js';

const tableOf = (snapshot: Snapshot) => settingsTable(poolsOf(snapshot).map(({ pool }) => pool));

describe('the table of settings', () => {
  it('shows settings side by side, with what differs and what is fixed', () => {
    const settings = tableOf(pair({ new: { settings: { aliasAttributes: [], plan: 'PLUS' } } }));
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
    const plan = tableOf(half).find(({ setting }) => setting === 'Plan');
    expect(plan).toMatchObject({ values: [null, 'ESSENTIALS'], differs: false });
  });

  it('says what a setting means', () => {
    const policy = { minimumLength: 8, requireUppercase: true, requireLowercase: false, historySize: 3 } as const;
    const passwordPolicy = { ...policy, requireNumbers: true, requireSymbols: false };
    const deviceTracking = { challengeRequiredOnNewDevice: true, onlyRememberedOnUserPrompt: true };
    const triggers = [
      { name: 'PreSignUp', version: null },
      { name: 'PreTokenGeneration', version: 'V2_0' },
    ];
    const table = tableOf(
      pair({
        legacy: { settings: { passwordPolicy, deviceTracking, triggers }, mfa: { sms: true, softwareToken: true } },
        new: { settings: { passwordPolicy: null } },
      }),
    );
    const of = (name: string) => table.find(({ setting }) => setting === name)?.values;
    expect(of('Password policy')).toEqual(['8 characters with upper case, numbers, not the last 3', 'none']);
    expect(of('Device tracking')).toEqual(['if the user agrees', 'off']);
    expect(of('Triggers')?.[0]).toBe('PreSignUp, PreTokenGeneration V2_0');
    expect(of('MFA kinds')).toEqual(['SMS, authenticator app (TOTP)', 'none']);
    expect(of('Identity providers')?.[0]).toBe('Google (Google)');
    expect(of('Resource servers')?.[0]).toBe('orders (read)');
  });
});
