import { describe, expect, it } from 'vitest';
import { type Failure, failureOf, withCommands } from '../../src/cli/failure.js';
import { flagOption } from '../../src/cli/options/option.js';
import { ConfigurationError } from '../../src/errors.js';
import { MigrationError, type MigrationErrorCode } from '../../src/migrate/migration-error.js';

const running = new AbortController().signal;

describe('a failure', () => {
  it.each<[MigrationErrorCode, string]>([
    ['ERR_STATE_LOCKED', 'usage'],
    ['ERR_STATE_INVALID', 'usage'],
    ['ERR_STATE_NOT_READY', 'usage'],
    ['ERR_ATTRIBUTE', 'usage'],
    ['ERR_POOL', 'usage'],
    ['ERR_CREDENTIALS', 'unavailable'],
    ['ERR_UNAVAILABLE', 'unavailable'],
    ['ERR_STATE_STORAGE', 'unavailable'],
    ['ERR_INTERRUPTED', 'interrupted'],
  ])('%s ends as %s', (code, ending) => {
    const error = new MigrationError(code, 'what happened', { fix: 'what to do' });
    error.partial = { written: 0, failed: 5 };
    expect(failureOf(error, running)).toEqual({
      ending,
      code,
      message: 'what happened',
      fix: 'what to do',
      partial: { written: 0, failed: 5 },
    });
  });

  it.each([{ written: 1 }, { removed: 1, restored: 0 }, { removed: 0, restored: 1 }])(
    'of the pool is not one of usage once something was written: %o',
    (partial) => {
      const error = new MigrationError('ERR_POOL', 'refused');
      error.partial = partial;
      expect(failureOf(error, running).ending).toBe('unavailable');
    },
  );

  it('of an option is one of usage', () => {
    expect(failureOf(new ConfigurationError('--rps', 'expected a number'), running)).toEqual({
      ending: 'usage',
      code: 'ERR_CONFIGURATION',
      message: '--rps: expected a number',
    });
  });

  it('of an option that the rules name in their own way names it as it is written', () => {
    const error = new ConfigurationError('readRps', 'expected a number');
    expect(failureOf(error, running, { readRps: flagOption('x') }).message).toBe('--read-rps: expected a number');
  });

  it('that is the signal itself is an interruption', () => {
    const reason = new Error('stopped by SIGINT');
    expect(failureOf(reason, AbortSignal.abort(reason)).ending).toBe('interrupted');
    expect(failureOf(reason, running).ending).toBe('unavailable');
  });

  it.each([
    "Cannot find package 'commander' imported from /app/node_modules/cognito-cutover/dist/esm/src/cli/arguments.js",
    "Cannot find package 'libsql' imported from /app/x.js",
    "Cannot find package '@aws-sdk/client-cognito-identity-provider' imported from /app/x.js",
    "Cannot find module '@libsql/linux-arm64-gnu'\nRequire stack:\n- /app/node_modules/libsql/index.js",
  ])('of an optional package that is not installed says how to install it: %s', (message) => {
    const code = message.includes('package') ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
    expect(failureOf(Object.assign(new Error(message), { code }), running)).toMatchObject({
      ending: 'usage',
      code: 'ERR_PACKAGE_MISSING',
      fix: expect.stringContaining('npm install cognito-cutover --include=optional'),
    });
  });

  it('of one of our own files is a fault of the program, shown whole', () => {
    const error = Object.assign(new Error("Cannot find module '/app/dist/x.js'"), { code: 'ERR_MODULE_NOT_FOUND' });
    expect(failureOf(error, running)).toMatchObject({
      code: 'ERR_UNEXPECTED',
      message: expect.stringContaining('at '),
    });
  });
});

describe('the advice of a failure', () => {
  const failure = (fix?: string): Failure => ({
    ending: 'usage',
    code: 'ERR_STATE_NOT_READY',
    message: 'what happened',
    ...(fix === undefined ? {} : { fix }),
  });
  const written = (one: Failure) =>
    withCommands(
      one,
      (name) => name === 'plan',
      (name) => `cognito-cutover ${name} --state a.db`,
    );

  it('names its command as it can be pasted', () => {
    expect(written(failure('Run `plan` first.'))).toEqual(failure('Run `cognito-cutover plan --state a.db` first.'));
  });

  it('keeps the options that its command is named with', () => {
    expect(written(failure('`plan --fresh` replaces it.'))).toEqual(
      failure('`cognito-cutover plan --fresh --state a.db` replaces it.'),
    );
  });

  it.each(['Run `aws sso login`.', 'See `plans`.', undefined])('is left alone where it names none: %s', (fix) => {
    expect(written(failure(fix))).toEqual(failure(fix));
  });
});
