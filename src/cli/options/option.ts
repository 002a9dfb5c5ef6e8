import { ConfigurationError } from '../../errors.js';
import { checkBoolean, checkNumber, checkOneOf, checkString, isPlainObject, refuse } from '../../options.js';

/** One option of a command. The command line and the config file pass their value to the same `check`. */
export interface CliOption<T> {
  /** `<id>` for an option with a value, absent for a flag. */
  readonly argument?: string;
  readonly help: string;
  /** May be given more than once on the command line; `check` then gets an array. */
  readonly repeatable?: true;
  /** See {@link commandLineOnly}. */
  readonly commandLineOnly?: true;
  /** See {@link fileOnly}. */
  readonly fileOnly?: true;
  /** See {@link narrowing}. */
  readonly narrowing?: true;
  /** See {@link wordOption}. */
  readonly words?: readonly string[];
  /** See {@link hidden}. */
  readonly hidden?: true;
  /** See {@link underKeys}. */
  readonly fileKeys?: readonly string[];
  /** Turns the text of the command line into what the config file would hold. */
  readonly fromText?: (text: string) => unknown;
  /** Throws a `ConfigurationError` naming the option; gets `undefined` when the option was not given. */
  readonly check: (name: string, value: unknown) => T;
}

export type CliOptions = Readonly<Record<string, CliOption<unknown>>>;

/** The checked values of a set of options. */
export type Settings<S extends CliOptions> = {
  readonly [K in keyof S]: S[K] extends CliOption<infer T> ? T : never;
};

/** `legacyPool` is written `--legacy-pool`. */
export const flagOf = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export type Check<T> = (name: string, value: unknown) => T;

/** A check that the value is a string that matches a pattern. */
export const matching = (pattern: RegExp, expected: string): Check<string> => {
  return (name, value) => (typeof value === 'string' && pattern.test(value) ? value : refuse(name, expected, value));
};

/** A check that the value is an http or https address. */
export const addressCheck = (expected: string): Check<string> => {
  return (name, value) => {
    const isAddress = typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
    return isAddress ? value : refuse(name, expected, value);
  };
};

/** Lets `undefined` ("not given") through and checks everything else. */
const ifGiven = <T>(check: Check<T>): Check<T | undefined> => {
  return (name, value) => (value === undefined ? undefined : check(name, value));
};

/** An option with a value of one kind. */
export function valueOption<T>(argument: string, help: string, check: Check<T>): CliOption<T | undefined> {
  return { argument, help, check: ifGiven(check) };
}

/** One of a few words. */
export function oneOfOption<const T extends string>(
  argument: string,
  help: string,
  words: readonly T[],
): CliOption<T | undefined> {
  return valueOption(argument, help, (name, value) => checkOneOf(name, value, words));
}

/** A word right behind the name of the command, in place of an option: `phase set`. One at most. */
export function wordOption<const T extends string>(help: string, words: readonly T[]): CliOption<T | undefined> {
  return { ...commandLineOnly(oneOfOption(`[${words.join('|')}]`, help, words)), words };
}

/** The path of a file. */
export function fileOption(argument: string, help: string): CliOption<string | undefined> {
  return valueOption(argument, help, (name, value) => checkString(name, value, 'the path of a file'));
}

/** The option with `fallback` in place of "not given". */
export function withDefault<T>(option: CliOption<T | undefined>, fallback: T): CliOption<T> {
  return {
    ...option,
    help: `${option.help} (default: ${fallback})`,
    check: (name, value) => option.check(name, value) ?? fallback,
  };
}

/** The option with `undefined` for "not given" in place of its default. */
export function optional<T>(option: CliOption<T>): CliOption<T | undefined> {
  return { ...option, check: ifGiven(option.check) };
}

/** The option without which the command cannot start. */
export function required<T>(option: CliOption<T | undefined>): CliOption<T> {
  return {
    ...option,
    help: `${option.help} (required)`,
    check: (name, value) => {
      const checked = option.check(name, value);
      if (checked === undefined) throw new ConfigurationError(name, `is required: ${option.help}`);
      return checked;
    },
  };
}

/** The option refused in the config file: consent and output belong to one run, not to a file that is kept. */
export function commandLineOnly<T>(option: CliOption<T>): CliOption<T> {
  return { ...option, commandLineOnly: true };
}

/** An option of the config file alone: what it holds is too much for a command line. */
export function fileOnly<T>(check: Check<T>): CliOption<T | undefined> {
  return { help: '', check: ifGiven(check), fileOnly: true };
}

/** The option kept in a "Next:" line although it belongs to one run: without it the next run would change more than this one. */
export function narrowing<T>(option: CliOption<T>): CliOption<T> {
  return { ...option, narrowing: true };
}

/**
 * The option under other keys of the config file than its own name, the first that is there: for options whose name means another place to
 * another command, because one file serves all of them.
 */
export function underKeys<T>(option: CliOption<T>, ...fileKeys: readonly [string, ...string[]]): CliOption<T> {
  return { ...option, fileKeys };
}

/** The options accepted and checked, but not shown in the help: they mean nothing to the command. */
export function hidden<S extends CliOptions>(options: S): S {
  return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, { ...option, hidden: true }])) as S;
}

/** A flag. `--flag` on the command line, `true` or `false` in the config file. */
export function flagOption(help: string): CliOption<boolean> {
  return { help, check: (name, value) => checkBoolean(name, value, false) };
}

const numberFromText = (given: string): unknown => (/^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given);

export function numberOption(
  argument: string,
  help: string,
  range: { min: number; max: number; integer?: boolean },
): CliOption<number | undefined> {
  const check: Check<number> = (name, value) => checkNumber(name, value, { ...range, fallback: range.min });
  return { ...valueOption(argument, help, check), fromText: numberFromText };
}

/** A whole number of things, at least one. */
export function countOption(argument: string, help: string, min = 1): CliOption<number | undefined> {
  return numberOption(argument, help, { min, max: 1e9, integer: true });
}

/** `--option a --option b`; in the config file one item or an array. `keyOf` tells which items are the same. */
export function severalOption<T>(
  argument: string,
  help: string,
  checkItem: Check<T>,
  keyOf?: (item: T) => unknown,
): CliOption<readonly T[] | undefined> {
  const check: Check<readonly T[]> = (name, value) =>
    each(name, Array.isArray(value) ? value : [value], checkItem, keyOf);
  return { ...valueOption(argument, help, check), repeatable: true };
}

/** `a,b,c` on the command line, an array of strings in the config file. */
export function listOption<T>(
  argument: string,
  help: string,
  checkItem: Check<T>,
): CliOption<readonly T[] | undefined> {
  const check: Check<readonly T[]> = (name, value) =>
    each(name, Array.isArray(value) ? value : refuse(name, 'an array', value), checkItem);
  return {
    ...valueOption(argument, help, check),
    fromText: (given) => given.split(',').map((item) => item.trim()),
  };
}

function each<T>(
  name: string,
  values: readonly unknown[],
  checkItem: Check<T>,
  keyOf: (item: T) => unknown = (item) => item,
): readonly T[] {
  if (values.length === 0) refuse(name, 'at least one', values);
  const items = values.map((value) => checkItem(name, value));
  const keys = items.map(keyOf);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  return twice === undefined ? items : refuse(name, 'each only once', twice);
}

/** `--option Old=New`, as often as needed; in the config file an object `{ "Old": "New" }`. */
export function pairsOption(argument: string, help: string): CliOption<Readonly<Record<string, string>> | undefined> {
  const check: Check<Readonly<Record<string, string>>> = (name, value) => {
    const pairs = new Map<string, string>();
    for (const [from, to] of Array.isArray(value) ? value.map((pair) => split(name, pair)) : entries(name, value)) {
      if (pairs.has(from)) refuse(name, 'each name only once', from);
      pairs.set(from, to);
    }
    return Object.fromEntries(pairs);
  };
  return { ...valueOption(argument, help, check), repeatable: true };
}

/** @throws ConfigurationError: the two options exclude each other */
export function refuseTogether(option: string, other: string): never {
  throw new ConfigurationError(option, `cannot be given together with ${other}`);
}

/** @throws ConfigurationError: the option has no meaning without the other */
export function refuseWithout(option: string, other: string): never {
  throw new ConfigurationError(option, `needs ${other}`);
}

function split(name: string, pair: unknown): [string, string] {
  const [from, to, ...more] = typeof pair === 'string' ? pair.split('=') : [];
  return from && to && more.length === 0 ? [from, to] : refuse(name, 'Old=New', pair);
}

function entries(name: string, value: unknown): [string, string][] {
  const expected = 'an object of names, { "Old": "New" }';
  if (!isPlainObject(value)) return refuse(name, expected, value);
  return Object.entries(value).map(([from, to]) =>
    typeof to === 'string' && to !== '' ? [from, to] : refuse(name, expected, value),
  );
}
