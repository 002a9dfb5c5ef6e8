import type { PoolDescription } from '../../directory/user-types.js';
import { MigrationError } from '../migration-error.js';
import { missingAttribute } from '../missing-attribute.js';
import { type AskedPool, asking, isWithheld } from './pool-settings.js';
import {
  clientWriters,
  howToClose,
  providerWriters,
  readClients,
  readProviders,
  readWriters,
  writtenBy,
} from './writers.js';

interface Where extends AskedPool {
  readonly attribute: string;
}

export interface AttributeCheckOptions extends Where {
  /** Length of the longest value to be written. */
  readonly longestValue: number;
  readonly allowWritableAttribute: boolean;
  readonly warn: (message: string) => void;
}

/**
 * Checks that the attribute can hold the legacy ids, and that only administrators can write it: a user who can write it can become
 * any legacy user.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`
 */
export async function checkAttribute(options: AttributeCheckOptions): Promise<void> {
  await checkSchema(options);
  const { attribute, directory, allowWritableAttribute, warn } = options;
  const writers = clientWriters(await readClients(options), attribute);
  try {
    writers.push(...providerWriters(await readProviders(options), attribute));
  } catch (error) {
    if (!isWithheld(error)) throw error;
    warn(
      `Could not check whether an identity provider of pool ${directory.userPoolId} fills ${attribute} (cognito-idp:${error.operation}): check the attribute mappings yourself.`,
    );
  }
  if (writers.length === 0) return;
  const fault = writersFault(options, writers);
  if (!allowWritableAttribute) throw fault;
  warn(`${fault.message}.`);
}

/** Why an attribute that others can write is refused. */
export function writersFault({ attribute, directory }: Where, writers: readonly string[]): MigrationError {
  const message = `${writtenBy(attribute, directory.userPoolId, writers)}: users could become any legacy user`;
  return new MigrationError('ERR_ATTRIBUTE', message, {
    fix: `${howToClose(attribute)} Or accept it with --allow-writable-attribute.`,
  });
}

/**
 * Checks, for `--trust-attribute`, that only administrators can currently write the attribute. Settings that cannot be read may make
 * it writable.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE` if others can; `ERR_CREDENTIALS` or `ERR_UNAVAILABLE` if the settings cannot be read
 */
export async function requireUnwritable(options: Where): Promise<void> {
  const { attribute, directory } = options;
  const writersOf = await readWriters(options, {
    option: '--trust-attribute',
    attributes: [attribute],
    fix: 'Plan without --trust-attribute, or make these calls possible.',
  });
  const writers = writersOf(attribute);
  if (writers.length === 0) return;
  throw new MigrationError(
    'ERR_ATTRIBUTE',
    `--trust-attribute is refused: ${writtenBy(attribute, directory.userPoolId, writers)}, so any user may have chosen their value`,
    {
      fix: [
        howToClose(attribute),
        'Values that were written before then are also trusted: check the history before you plan with --trust-attribute again.',
      ].join('\n'),
    },
  );
}

/**
 * Checks the attribute in the pool's schema.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE`
 */
export async function checkSchema(
  options: Omit<AttributeCheckOptions, 'allowWritableAttribute' | 'warn'>,
): Promise<void> {
  const { directory, signal, step } = options;
  step?.(`Reading the settings of ${directory.userPoolId}`);
  const fault = schemaFault(await asking(options)(() => directory.describePool(signal)), options);
  if (fault !== undefined) throw fault;
}

/** Why the attribute of a pool cannot hold the legacy ids; `undefined` if it can. */
export function schemaFault(
  { attributes }: PoolDescription,
  { directory, attribute, longestValue }: Pick<AttributeCheckOptions, 'directory' | 'attribute' | 'longestValue'>,
): MigrationError | undefined {
  const pool = directory.userPoolId;
  const found = attributes.find(({ name }) => name === attribute);
  if (found === undefined) return missingAttribute(pool, attribute);
  const fault = (what: string) =>
    new MigrationError('ERR_ATTRIBUTE', what, {
      fix: 'An attribute cannot be changed or removed: add another one, and plan again with --attribute.',
    });
  if (found.type !== 'String') return fault(`${attribute} of pool ${pool} is a ${found.type}, not a String`);
  if (!found.mutable) return fault(`${attribute} of pool ${pool} is immutable: only creating a user can set it`);
  if (found.maxLength !== undefined && found.maxLength < longestValue) {
    return fault(
      `${attribute} of pool ${pool} takes ${found.maxLength} characters, and the longest legacy id has ${longestValue}`,
    );
  }
  return undefined;
}
