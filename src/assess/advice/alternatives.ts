import { counted, listed } from '../../words.js';
import { copiedGroups } from '../facts/providers.js';
import type { Situation } from './situation.js';

/** Replication keeps users, subs and passwords: if it meets the need, no user has to move. */
export function replicationInstead({ legacy, new: newPool }: Situation): string | undefined {
  const [only, ...more] = legacy;
  if (only === undefined || more.length > 0) return undefined;
  const sameAccount =
    newPool?.settings === undefined ||
    only.settings === undefined ||
    only.settings.account === newPool.settings.account;
  if (newPool !== undefined && (newPool.region === only.region || !sameAccount)) return undefined;
  const needs = [
    ...(only.settings?.plan === 'LITE' ? ['the Essentials or Plus plan (the pool is on Lite)'] : []),
    ...(only.settings?.issuerForm === 'ORIGINAL'
      ? ['the UPDATED issuer form, which changes the iss of every token']
      : []),
    'a multi-Region customer managed key',
  ];
  return `If the only goal is to survive the loss of a Region, do not move users. A replica of the legacy pool in ${
    newPool?.region ?? 'the other Region'
  } (create-user-pool-replica) keeps users, passwords and subs. It needs ${needs.join(', ')}.`;
}

/** A pool without passwords only forwards sign-ins to identity providers. */
export function providerDirectly({ legacy }: Situation): string | undefined {
  const total = legacy.reduce((sum, { users }) => sum + users.total, 0);
  if (total === 0 || legacy.some(({ users }) => users.native > 0)) return undefined;
  const providers = [...new Set(legacy.flatMap(({ users }) => Object.keys(users.byProvider)))];
  const groups = legacy.reduce(
    (sum, { userPoolId, groups: present = [] }) => sum + copiedGroups({ userPoolId, groups: present }).length,
    0,
  );
  const scopes = legacy.reduce(
    (sum, { resourceServers = [] }) => sum + resourceServers.filter(({ managedByCognito }) => !managedByCognito).length,
    0,
  );
  const additions = [
    ...(groups > 0 ? [counted(groups, 'group')] : []),
    ...(scopes > 0 ? [`scopes of ${counted(scopes, 'resource server')}`] : []),
    ...(providers.length > 1 ? [`one issuer for ${counted(providers.length, 'identity provider')}`] : []),
  ];
  return `No user of the legacy pool has a password: it only forwards sign-ins to ${listed(providers)}. Applications can use ${
    providers.length === 1 ? 'that provider' : 'those providers'
  } directly, and then no user has to move. ${
    additions.length > 0 ? `They lose what the pool adds: ${additions.join(', ')}. ` : ''
  }The user id changes in this case too, from the sub in the pool to the id at the provider. Keep a table of both, taken from the identities attribute of the legacy users.`;
}
