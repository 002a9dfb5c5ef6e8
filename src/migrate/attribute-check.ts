import type { Clock } from '../clock.js';
import { DirectoryError, MAX_CUSTOM_VALUE_LENGTH, type Page, type UserDirectory } from '../directory/types.js';
import { repeated } from './calls.js';
import { MigrationError } from './errors.js';
import { Pace } from './pace.js';

/** DescribeUserPool, DescribeUserPoolClient and their like are limited to 5 per second and pool. */
const RPS = 4;

/** Writers named in an error. */
const MOST_NAMED = 10;

export interface AttributeCheckOptions {
  readonly directory: UserDirectory;
  readonly attribute: string;
  /** Length of the longest value that is to be written. */
  readonly longestValue: number;
  readonly allowWritableAttribute: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly warn: (message: string) => void;
}

/**
 * Checks that the attribute can hold the legacy ids, and that nobody but an administrator can write it: a user who can becomes
 * any legacy user.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`
 */
export async function checkAttribute(options: AttributeCheckOptions): Promise<void> {
  await checkSchema(options);
  const writers = await findWriters(options);
  if (writers.length === 0) return;
  const { attribute, directory, allowWritableAttribute, warn } = options;
  const rest = writers.length > MOST_NAMED ? ` and ${writers.length - MOST_NAMED} more` : '';
  const message = `${attribute} of pool ${directory.userPoolId} can be written by ${writers.slice(0, MOST_NAMED).join(', ')}${rest}: users could become any legacy user`;
  if (allowWritableAttribute) {
    warn(`${message}.`);
    return;
  }
  throw new MigrationError('ERR_ATTRIBUTE', message, {
    fix: [
      `Give each of these app clients a list of WriteAttributes without ${attribute} (without a list, a client may write them all),`,
      'and take the attribute out of the identity providers’ attribute mappings. `aws cognito-idp update-user-pool-client` resets',
      'what it is not given: begin from `describe-user-pool-client`. Or accept it with --allow-writable-attribute.',
    ].join('\n'),
  });
}

/**
 * Checks the attribute in the pool's schema.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`
 */
export async function checkSchema({
  directory,
  attribute,
  longestValue,
  clock,
  signal,
}: Omit<AttributeCheckOptions, 'allowWritableAttribute' | 'warn'>): Promise<void> {
  const pace = new Pace(RPS, clock);
  const { attributes } = await repeated(() => directory.describePool(signal), { clock, pace, signal });
  const found = attributes.find(({ name }) => name === attribute);
  const pool = directory.userPoolId;
  const name = attribute.replace(/^custom:/, '');
  if (found === undefined) {
    throw new MigrationError('ERR_ATTRIBUTE', `pool ${pool} has no attribute ${attribute}`, {
      fix: `aws cognito-idp add-custom-attributes --user-pool-id ${pool} --custom-attributes Name=${name},AttributeDataType=String,Mutable=true,StringAttributeConstraints='{MinLength=1,MaxLength=${MAX_CUSTOM_VALUE_LENGTH}}'`,
    });
  }
  const other = 'An attribute cannot be changed or removed: add another one, and plan anew with --attribute.';
  if (found.type !== 'String') {
    throw new MigrationError('ERR_ATTRIBUTE', `${attribute} of pool ${pool} is a ${found.type}, not a String`, {
      fix: other,
    });
  }
  if (!found.mutable) {
    throw new MigrationError(
      'ERR_ATTRIBUTE',
      `${attribute} of pool ${pool} is immutable: only creating a user can set it`,
      {
        fix: other,
      },
    );
  }
  if (found.maxLength !== undefined && found.maxLength < longestValue) {
    throw new MigrationError(
      'ERR_ATTRIBUTE',
      `${attribute} of pool ${pool} takes ${found.maxLength} characters, and the longest legacy id has ${longestValue}`,
      { fix: other },
    );
  }
}

async function findWriters(options: AttributeCheckOptions): Promise<string[]> {
  const { directory, attribute, clock, signal, warn } = options;
  const pace = new Pace(RPS, clock);
  const call = <T>(send: () => Promise<T>) => repeated(send, { clock, pace, signal });
  const writers: string[] = [];
  for await (const clientId of items((token) => call(() => directory.listClientIds(token, signal)))) {
    const client = await unlessGone(call(() => directory.describeClient(clientId, signal)));
    // Cognito's pages disagree on what a client without a list may write; incidents show that it was everything.
    if (client !== undefined && (client.writeAttributes === undefined || client.writeAttributes.includes(attribute))) {
      writers.push(`app client ${client.clientName === '' ? clientId : `${client.clientName} (${clientId})`}`);
    }
  }
  try {
    for await (const name of items((token) => call(() => directory.listProviderNames(token, signal)))) {
      const provider = await unlessGone(call(() => directory.describeProvider(name, signal)));
      if (provider?.mappedAttributes.includes(attribute) === true) writers.push(`identity provider ${name}`);
    }
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    warn(
      `Whether an identity provider of pool ${directory.userPoolId} fills ${attribute} could not be checked (cognito-idp:${error.operation}): look at the attribute mappings yourself.`,
    );
  }
  return writers;
}

async function* items<T>(list: (token: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await list(token);
    yield* page.items;
    token = page.nextToken;
  }
}

/** Deleted since it was listed. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DirectoryError && error.exception === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
