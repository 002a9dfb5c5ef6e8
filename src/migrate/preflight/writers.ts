import { items } from '../../directory/pages.js';
import { type AppClient, DirectoryError, type IdentityProvider, type Page } from '../../directory/user-types.js';
import { listed } from '../../words.js';
import { asMigrationError } from '../calls/repeated.js';
import { MigrationError } from '../migration-error.js';
import { type AskedPool, asking, counted, unlessGone } from './pool-settings.js';

export function readClients(pool: AskedPool): Promise<readonly AppClient[]> {
  const { directory, signal } = pool;
  return readEach(pool, 'app clients', {
    list: (token) => directory.listClientIds(token, signal),
    describe: (clientId) => directory.describeClient(clientId, signal),
  });
}

export function readProviders(pool: AskedPool): Promise<readonly IdentityProvider[]> {
  const { directory, signal } = pool;
  return readEach(pool, 'identity providers', {
    list: (token) => directory.listProviderNames(token, signal),
    describe: (name) => directory.describeProvider(name, signal),
  });
}

/** Reads all settings of one kind, one call each, except those deleted meanwhile. */
async function readEach<T>(
  pool: AskedPool,
  kind: string,
  { list, describe }: { list: (token?: string) => Promise<Page<string>>; describe: (id: string) => Promise<T> },
): Promise<readonly T[]> {
  const call = asking(pool);
  const found: T[] = [];
  const ids = items(pool.directory, (token) => call(() => list(token)));
  for await (const id of counted(`Checking the ${kind} of ${pool.directory.userPoolId}`, ids, pool)) {
    const one = await unlessGone(call(() => describe(id)));
    if (one !== undefined) found.push(one);
  }
  return found;
}

/**
 * The app clients through which users can write the attribute. This includes immutable attributes, because signing up sets them. AWS's
 * pages disagree on what a client without a list may write; incidents show that it was everything. An empty list restricts nothing.
 */
export function clientWriters(clients: readonly AppClient[], attribute: string): string[] {
  // "Read-only to all app clients, writable only with IAM", says the API's reference.
  if (attribute.startsWith('dev:custom:')) return [];
  return clients
    .filter(({ writeAttributes: list }) => list === undefined || list.length === 0 || list.includes(attribute))
    .map(({ clientId, clientName }) => `app client ${clientName === '' ? clientId : `${clientName} (${clientId})`}`);
}

/** The identity providers whose attribute mapping writes the attribute at every sign-in. */
export function providerWriters(providers: readonly IdentityProvider[], attribute: string): string[] {
  return providers
    .filter(({ mappedAttributes }) => mappedAttributes.includes(attribute))
    .map(({ name }) => `identity provider ${name}`);
}

/** The attributes to check for an option. The option is refused if their writers cannot be read. */
interface Asked {
  readonly option: string;
  readonly attributes: readonly string[];
  /** The fix to suggest if the failure suggests none. */
  readonly fix: string;
}

/**
 * Who besides administrators can currently write each attribute. Throws if settings cannot be read, because they may allow writing.
 * @throws {@link MigrationError} `ERR_CREDENTIALS` or `ERR_UNAVAILABLE`
 */
export async function readWriters(pool: AskedPool, asked: Asked): Promise<(attribute: string) => readonly string[]> {
  try {
    const clients = await readClients(pool);
    const providers = await readProviders(pool);
    return (attribute) => [...clientWriters(clients, attribute), ...providerWriters(providers, attribute)];
  } catch (error) {
    throw unreadable(error, pool, asked);
  }
}

function unreadable(error: unknown, { directory }: AskedPool, { option, attributes, fix }: Asked): unknown {
  const failure = asMigrationError(error);
  // The pool does not exist, which is the error to report.
  const isMissing = error instanceof DirectoryError && error.exception === 'ResourceNotFoundException';
  if (!(failure instanceof MigrationError) || isMissing) return failure;
  const code = failure.code === 'ERR_CREDENTIALS' ? 'ERR_CREDENTIALS' : 'ERR_UNAVAILABLE';
  const message = `${option} is refused: cannot read who can write ${attributes.join(', ')} of pool ${directory.userPoolId}: ${failure.message}`;
  return new MigrationError(code, message, { fix: failure.fix ?? fix, cause: error });
}

export function writtenBy(attribute: string, userPoolId: string, writers: readonly string[]): string {
  return `${attribute} of pool ${userPoolId} can be written by ${listed(writers)}`;
}

export const howToClose = (attribute: string) =>
  [
    `Give each of these app clients a list of WriteAttributes without ${attribute} (without a list, a client may write them all),`,
    'and take the attribute out of the identity providers’ attribute mappings. `aws cognito-idp update-user-pool-client` resets',
    'every setting that is not given: start from the output of `describe-user-pool-client`.',
  ].join('\n');
