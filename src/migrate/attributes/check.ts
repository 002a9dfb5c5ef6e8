import { DirectoryError, MAX_CUSTOM_VALUE_LENGTH } from '../../directory/types.js';
import { asMigrationError } from '../calls/repeated.js';
import { MigrationError } from '../errors.js';
import { type AskedPool, asking, counted, items, unlessGone } from '../pool-settings.js';

/** Writers named in an error. */
const MOST_NAMED = 10;

interface Where extends AskedPool {
  readonly attribute: string;
}

export interface AttributeCheckOptions extends Where {
  /** Length of the longest value that is to be written. */
  readonly longestValue: number;
  readonly allowWritableAttribute: boolean;
  readonly warn: (message: string) => void;
}

/**
 * Checks that the attribute can hold the legacy ids, and that nobody but an administrator can write it: a user who can becomes
 * any legacy user.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`
 */
export async function checkAttribute(options: AttributeCheckOptions): Promise<void> {
  await checkSchema(options);
  const { attribute, directory, allowWritableAttribute, warn } = options;
  const writers = await clientWriters(options);
  try {
    writers.push(...(await providerWriters(options)));
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    warn(
      `Whether an identity provider of pool ${directory.userPoolId} fills ${attribute} could not be checked (cognito-idp:${error.operation}): look at the attribute mappings yourself.`,
    );
  }
  if (writers.length === 0) return;
  const message = `${writtenBy(options, writers)}: users could become any legacy user`;
  if (allowWritableAttribute) {
    warn(`${message}.`);
    return;
  }
  throw new MigrationError('ERR_ATTRIBUTE', message, {
    fix: `${howToClose(attribute)} Or accept it with --allow-writable-attribute.`,
  });
}

/**
 * Checks, for `--trust-attribute`, that nobody but an administrator can write the attribute at present. What cannot be read may be
 * writable.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE` where somebody can; `ERR_CREDENTIALS` or `ERR_UNAVAILABLE` where that cannot be read
 */
export async function requireUnwritable(options: Where): Promise<void> {
  const writers: string[] = [];
  try {
    writers.push(...(await clientWriters(options)), ...(await providerWriters(options)));
  } catch (error) {
    throw unreadable(error, options);
  }
  if (writers.length === 0) return;
  throw new MigrationError(
    'ERR_ATTRIBUTE',
    `--trust-attribute is refused: ${writtenBy(options, writers)}, so any user may have chosen their value`,
    {
      fix: [
        howToClose(options.attribute),
        'A value that was written before then is believed, too: look at the history before you plan with --trust-attribute again.',
      ].join('\n'),
    },
  );
}

function unreadable(error: unknown, { directory, attribute }: Where): unknown {
  const failure = asMigrationError(error);
  // There is no such pool: that is what has to be said.
  const isMissing = error instanceof DirectoryError && error.exception === 'ResourceNotFoundException';
  if (!(failure instanceof MigrationError) || isMissing) return failure;
  const code = failure.code === 'ERR_CREDENTIALS' ? 'ERR_CREDENTIALS' : 'ERR_UNAVAILABLE';
  const message = `--trust-attribute is refused: who can write ${attribute} of pool ${directory.userPoolId} cannot be read: ${failure.message}`;
  return new MigrationError(code, message, {
    fix: failure.fix ?? 'Plan without --trust-attribute, or make these calls possible.',
    cause: error,
  });
}

const howToClose = (attribute: string) =>
  [
    `Give each of these app clients a list of WriteAttributes without ${attribute} (without a list, a client may write them all),`,
    'and take the attribute out of the identity providers’ attribute mappings. `aws cognito-idp update-user-pool-client` resets',
    'what it is not given: begin from `describe-user-pool-client`.',
  ].join('\n');

function writtenBy({ attribute, directory }: Where, writers: readonly string[]): string {
  const rest = writers.length > MOST_NAMED ? ` and ${writers.length - MOST_NAMED} more` : '';
  return `${attribute} of pool ${directory.userPoolId} can be written by ${writers.slice(0, MOST_NAMED).join(', ')}${rest}`;
}

/**
 * Checks the attribute in the pool's schema.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`
 */
export async function checkSchema(
  options: Omit<AttributeCheckOptions, 'allowWritableAttribute' | 'warn'>,
): Promise<void> {
  const { directory, attribute, longestValue, signal, step } = options;
  step?.(`Reading the settings of ${directory.userPoolId}`);
  const { attributes } = await asking(options)(() => directory.describePool(signal));
  const found = attributes.find(({ name }) => name === attribute);
  const pool = directory.userPoolId;
  const name = attribute.replace(/^custom:/, '');
  if (found === undefined) {
    throw new MigrationError('ERR_ATTRIBUTE', `pool ${pool} has no attribute ${attribute}`, {
      fix: `aws cognito-idp add-custom-attributes --user-pool-id ${pool} --custom-attributes Name=${name},AttributeDataType=String,Mutable=true,StringAttributeConstraints='{MinLength=1,MaxLength=${MAX_CUSTOM_VALUE_LENGTH}}'`,
    });
  }
  const other = 'An attribute cannot be changed or removed: add another one, and plan again with --attribute.';
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

async function clientWriters(options: Where): Promise<string[]> {
  const { directory, attribute, signal } = options;
  const call = asking(options);
  const writers: string[] = [];
  const clientIds = items((token) => call(() => directory.listClientIds(token, signal)));
  for await (const clientId of counted(`Checking the app clients of ${directory.userPoolId}`, clientIds, options)) {
    const client = await unlessGone(call(() => directory.describeClient(clientId, signal)));
    // Cognito's pages disagree on what a client without a list may write; incidents show that it was everything.
    if (client !== undefined && (client.writeAttributes === undefined || client.writeAttributes.includes(attribute))) {
      writers.push(`app client ${client.clientName === '' ? clientId : `${client.clientName} (${clientId})`}`);
    }
  }
  return writers;
}

async function providerWriters(options: Where): Promise<string[]> {
  const { directory, attribute, signal } = options;
  const call = asking(options);
  const writers: string[] = [];
  const names = items((token) => call(() => directory.listProviderNames(token, signal)));
  for await (const name of counted(`Checking the identity providers of ${directory.userPoolId}`, names, options)) {
    const provider = await unlessGone(call(() => directory.describeProvider(name, signal)));
    if (provider?.mappedAttributes.includes(attribute) === true) writers.push(`identity provider ${name}`);
  }
  return writers;
}
