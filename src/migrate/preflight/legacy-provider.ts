import { items } from '../../directory/pages.js';
import type { IdentityProvider } from '../../directory/user-types.js';
import { listed } from '../../words.js';
import { type AskedPool, asking, isWithheld, unlessGone } from './pool-settings.js';

/**
 * Checks whether the new pool has the identity provider that `legacyProvider` names, and whether its user ids can be legacy `sub`s.
 * Returns doubts, or that the provider cannot be read, as warnings: only the operator knows for certain.
 */
export async function inspectLegacyProvider(
  name: string,
  legacyPoolIds: readonly string[],
  newPool: AskedPool,
): Promise<readonly string[]> {
  try {
    const names = await providerNames(newPool);
    if (!names.includes(name)) return [absent(name, names, newPool)];
    const provider = await unlessGone(asking(newPool)(() => newPool.directory.describeProvider(name, newPool.signal)));
    return provider === undefined ? [] : doubts(provider, legacyPoolIds);
  } catch (error) {
    if (!isWithheld(error)) throw error;
    const { userPoolId } = newPool.directory;
    return [
      `The identity provider ${name} of pool ${userPoolId} cannot be read (cognito-idp:${error.operation}): whether it is the legacy pool was not checked.`,
    ];
  }
}

async function providerNames(newPool: AskedPool): Promise<readonly string[]> {
  const { directory, signal } = newPool;
  const call = asking(newPool);
  const names: string[] = [];
  for await (const one of items(directory, (token) => call(() => directory.listProviderNames(token, signal))))
    names.push(one);
  return names;
}

/** Only a warning: no user can have signed in through a provider that does not exist. */
function absent(name: string, names: readonly string[], { directory }: AskedPool): string {
  const others = names.length === 0 ? 'none' : listed(names);
  return `Pool ${directory.userPoolId} has no identity provider ${name}, so it proves nothing about anybody; it has ${others}.`;
}

function doubts({ name, type, issuer, usernameFrom }: IdentityProvider, legacyPoolIds: readonly string[]): string[] {
  const pools = `legacy pool${legacyPoolIds.length === 1 ? '' : 's'} ${legacyPoolIds.join(', ')}`;
  if (type !== undefined && type !== 'OIDC') {
    return [
      `The identity provider ${name} is of type ${type}, so it cannot be the ${pools}: its user ids are not legacy subs.`,
    ];
  }
  const found: string[] = [];
  if (issuer !== undefined && !legacyPoolIds.some((id) => issuer.replace(/\/+$/, '').endsWith(`/${id}`))) {
    found.push(
      `The identity provider ${name} has the issuer ${issuer}, which is not the ${pools}: its user ids are not legacy subs.`,
    );
  }
  if (usernameFrom !== undefined && usernameFrom !== 'sub') {
    found.push(
      `The identity provider ${name} takes the user id from ${usernameFrom}, not from sub: users who can choose that value choose who they are.`,
    );
  }
  return found;
}
