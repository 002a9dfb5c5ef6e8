import { ConfigurationError } from '../errors.js';
import { MigrationError, type MigrationErrorCode } from '../migrate/migration-error.js';
import { type CliOptions, flagOf } from './options/option.js';

/** How a run ended, as bin.ts turns it into an exit code. */
export type Ending = 'done' | 'attention' | 'usage' | 'unavailable' | 'interrupted';

/** A failure as people and scripts see it. */
export interface Failure {
  readonly ending: Exclude<Ending, 'done' | 'attention'>;
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  /** What was done before it failed, with the fields of the command's result. */
  readonly partial?: object;
}

const ENDINGS: Readonly<Record<MigrationErrorCode, Failure['ending']>> = {
  ERR_STATE_LOCKED: 'usage',
  ERR_STATE_INVALID: 'usage',
  ERR_STATE_NOT_READY: 'usage',
  ERR_ATTRIBUTE: 'usage',
  ERR_POOL: 'usage',
  ERR_CREDENTIALS: 'unavailable',
  ERR_UNAVAILABLE: 'unavailable',
  ERR_STATE_STORAGE: 'unavailable',
  ERR_HOOK: 'unavailable',
  ERR_INTERRUPTED: 'interrupted',
};

/** What a pool refuses after the first write is not a usage error: what was written is recorded, and there is more to do. */
function endingOf({ code, partial }: MigrationError): Failure['ending'] {
  return code === 'ERR_POOL' && hasWritten(partial) ? 'unavailable' : ENDINGS[code];
}

function hasWritten(partial: unknown): boolean {
  if (typeof partial !== 'object' || partial === null) return false;
  return ['written', 'removed', 'restored'].some((name) => Number(Reflect.get(partial, name) ?? 0) > 0);
}

/** The packages that only the sync script needs. An installation may have left them out. */
const SCRIPT_PACKAGES = ['commander', 'picocolors', 'cli-progress', 'csv-parse', 'libsql', '@libsql/', '@aws-sdk/'];

/** Sorts an error into one of the ways a run can end. `known` holds every option there is. */
export function failureOf(error: unknown, signal: AbortSignal, known: CliOptions = {}): Failure {
  if (error instanceof MigrationError) {
    const partial = typeof error.partial === 'object' && error.partial !== null ? { partial: error.partial } : {};
    const fix = error.fix === undefined ? {} : { fix: error.fix };
    return { ending: endingOf(error), code: error.code, message: error.message, ...fix, ...partial };
  }
  if (error instanceof ConfigurationError) {
    // The rules name an option as their callers do; people know it as a flag.
    const { option, code } = error;
    const isFlag = Object.hasOwn(known, option) && known[option]?.fileOnly !== true;
    const message = isFlag ? `${flagOf(option)}${error.message.slice(option.length)}` : error.message;
    return { ending: 'usage', code, message };
  }
  if (signal.aborted && error === signal.reason) {
    return { ending: 'interrupted', code: 'ERR_INTERRUPTED', message: 'interrupted' };
  }
  return missingPackage(error) ?? unexpected(error);
}

/** The same failure, where a command named in its advice is written as it can be pasted into a shell. */
export function withCommands(
  failure: Failure,
  isCommand: (name: string) => boolean,
  written: (name: string) => string,
): Failure {
  if (failure.fix === undefined) return failure;
  const fix = failure.fix.replace(
    /`([a-z-]+)((?: --[a-z-]+(?: [\w:.-]+)?)*)`/g,
    (quoted, name: string, options: string) => (isCommand(name) ? `\`${written(`${name}${options}`)}\`` : quoted),
  );
  return { ...failure, fix };
}

/** The failure of an import because the optional dependencies are not installed. */
function missingPackage(error: unknown): Failure | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  if (error.code !== 'ERR_MODULE_NOT_FOUND' && error.code !== 'MODULE_NOT_FOUND') return undefined;
  const name = SCRIPT_PACKAGES.find((one) => error.message.includes(`'${one}`));
  if (name === undefined) return undefined;
  return {
    ending: 'usage',
    code: 'ERR_PACKAGE_MISSING',
    message: `the command needs packages that are not installed, for example ${name}`,
    fix: 'npm install cognito-cutover --include=optional',
  };
}

/** A bug in this program. The journal makes it safe to run again, which is what exit code 3 says. */
function unexpected(error: unknown): Failure {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ending: 'unavailable', code: 'ERR_UNEXPECTED', message };
}
