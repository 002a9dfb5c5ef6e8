import { customAttributes } from '../facts/attributes.js';
import { copiedGroups } from '../facts/providers.js';
import { mfaKinds, signInNames } from '../facts/sign-in.js';
import type { Part, PoolSettings, PoolSnapshot } from '../snapshot/pool-snapshot.js';

/** One setting of all pools side by side. */
export interface SettingRow {
  readonly setting: string;
  /** One per pool, in their order; `null` if it could not be read. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
  /** Cannot be changed after the pool is created. */
  readonly fixed: boolean;
}

type Show<T> = (value: T) => string;

const list = (values: readonly string[]): string => [...values].sort().join(', ') || 'none';
const onOff = (value: boolean): string => (value ? 'on' : 'off');

const ofSettings: readonly (readonly [string, 'fixed' | 'changeable', Show<PoolSettings>])[] = [
  ['Sign-in names', 'fixed', (settings) => signInNames(settings).join(', ')],
  ['Username case', 'fixed', ({ caseSensitive }) => (caseSensitive ? 'distinguished' : 'ignored')],
  ['Required attributes', 'fixed', ({ schema }) => list(schema.filter((one) => one.required).map(({ name }) => name))],
  ['Custom attributes', 'changeable', ({ schema }) => list(customAttributes(schema).map(({ name }) => name))],
  ['Verified automatically', 'changeable', ({ autoVerifiedAttributes }) => list(autoVerifiedAttributes)],
  ['Password policy', 'changeable', passwordPolicy],
  ['First factors', 'changeable', ({ firstAuthFactors }) => list(firstAuthFactors)],
  ['MFA', 'changeable', ({ mfa }) => mfa],
  ['Device tracking', 'changeable', deviceTracking],
  ['Self sign-up', 'changeable', ({ adminCreateUserOnly }) => onOff(!adminCreateUserOnly)],
  ['Account recovery', 'changeable', ({ accountRecovery }) => accountRecovery.join(', then ') || 'not set'],
  ['Plan', 'changeable', ({ plan }) => plan ?? 'not stated'],
  ['Threat protection', 'changeable', ({ threatProtection }) => threatProtection],
  ['Deletion protection', 'changeable', ({ deletionProtection }) => onOff(deletionProtection)],
  ['Issuer form', 'changeable', ({ issuerForm }) => issuerForm],
  ['Triggers', 'changeable', triggers],
  ['Domain prefix', 'changeable', ({ domainPrefix }) => domainPrefix ?? 'none'],
  ['Custom domain', 'changeable', ({ customDomain }) => customDomain ?? 'none'],
  ['E-mail sender', 'changeable', ({ emailSending }) => emailSending],
  ['SMS', 'changeable', ({ smsSender }) => smsSender ?? 'none'],
  ['Dynamic client registration', 'changeable', ({ dynamicClientRegistration: { enabled } }) => onOff(enabled)],
];

/** Every setting that matters to a migration. */
export function settingsTable(pools: readonly PoolSnapshot[]): SettingRow[] {
  const row = (setting: string, fixed: boolean, show: (pool: PoolSnapshot) => string | null): SettingRow => {
    const values = pools.map(show);
    return { setting, values, differs: new Set(values.filter((value) => value !== null)).size > 1, fixed };
  };
  return [
    ...ofSettings.map(([name, kind, show]) => row(name, kind === 'fixed', ({ settings }) => shown(settings, show))),
    row('MFA kinds', false, ({ mfa }) => shown(mfa, (one) => list(mfaKinds(one)))),
    row('Passkeys for', false, ({ mfa }) => shown(mfa, ({ passkeyRelyingParty }) => passkeyRelyingParty ?? 'none')),
    row('Identity providers', false, ({ providers }) =>
      shown(providers, (all) => list(all.map(({ name, type }) => `${name} (${type})`))),
    ),
    row('Resource servers', false, ({ resourceServers }) =>
      shown(resourceServers, (all) =>
        list(all.map(({ identifier, scopes }) => `${identifier} (${scopes.map(({ name }) => name).join(', ')})`)),
      ),
    ),
    row('App clients', false, ({ clients }) => shown(clients, (all) => `${all.length}`)),
    row('Groups', false, ({ userPoolId, groups }) =>
      shown(groups, (all) => `${copiedGroups({ userPoolId, groups: all }).length}`),
    ),
    row('Replicas', false, ({ replicas }) =>
      shown(replicas, (all) => list(all.map(({ region, role }) => `${region} (${role})`))),
    ),
  ];
}

const shown = <T>(part: Part<T>, show: Show<T>): string | null => (part.known === 'yes' ? show(part.value) : null);

function passwordPolicy({ passwordPolicy: policy }: PoolSettings): string {
  if (policy === null) return 'none';
  const asked = [
    ...(policy.requireUppercase ? ['upper case'] : []),
    ...(policy.requireLowercase ? ['lower case'] : []),
    ...(policy.requireNumbers ? ['numbers'] : []),
    ...(policy.requireSymbols ? ['symbols'] : []),
  ];
  const history = policy.historySize > 0 ? `, not the last ${policy.historySize}` : '';
  return `${policy.minimumLength} characters${asked.length > 0 ? ` with ${asked.join(', ')}` : ''}${history}`;
}

function deviceTracking({ deviceTracking: tracking }: PoolSettings): string {
  if (tracking === null) return 'off';
  return tracking.onlyRememberedOnUserPrompt ? 'if the user agrees' : 'always';
}

function triggers({ triggers: set }: PoolSettings): string {
  return list(set.map(({ name, version }) => (version === null ? name : `${name} ${version}`)));
}
