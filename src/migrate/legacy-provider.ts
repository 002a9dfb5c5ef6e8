import { DirectoryError, type IdentityProvider } from '../directory/types.js';
import { ConfigurationError } from '../errors.js';
import { type AskedPool, asking, items, unlessGone } from './pool-settings.js';

/** Providers named in an error. */
const MOST_NAMED = 10;

/**
 * Looks whether the new pool has the identity provider that `legacyProvider` names, and whether its user ids can be legacy `sub`s.
 * Answers what speaks against that, or that it cannot be known, as warnings: only the operator knows for certain.
 * @throws {@link ConfigurationError} where the pool has no provider of this name
 */
export async function inspectLegacyProvider(
  name: string,
  legacyPoolIds: readonly string[],
  newPool: AskedPool,
): Promise<readonly string[]> {
  try {
    const provider = await findProvider(name, newPool);
    return provider === undefined ? [] : doubts(provider, legacyPoolIds);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    const { userPoolId } = newPool.directory;
    return [
      `The identity provider ${name} of pool ${userPoolId} cannot be read (cognito-idp:${error.operation}): whether it is the legacy pool was not checked.`,
    ];
  }
}

async function findProvider(name: string, newPool: AskedPool): Promise<IdentityProvider | undefined> {
  const { directory, signal } = newPool;
  const call = asking(newPool);
  const names: string[] = [];
  for await (const one of items((token) => call(() => directory.listProviderNames(token, signal)))) names.push(one);
  if (names.includes(name)) return unlessGone(call(() => directory.describeProvider(name, signal)));
  const rest = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  const others = names.length === 0 ? 'none' : `${names.slice(0, MOST_NAMED).join(', ')}${rest}`;
  throw new ConfigurationError(
    'legacyProvider',
    `pool ${directory.userPoolId} has no identity provider ${name}; it has ${others}`,
  );
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
      `The identity provider ${name} takes the user id from ${usernameFrom}, not from sub: whoever can choose that chooses who they are.`,
    );
  }
  return found;
}
