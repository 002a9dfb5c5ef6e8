import { ConfigurationError } from '../../errors.js';
import type { ConfigFile } from './config-file.js';
import { type CliOption, type CliOptions, flagOf, type Settings } from './option.js';

/** What was given on the command line: for each option its values, in order; `true` for a flag. */
export type Given = Readonly<Record<string, string[] | true | undefined>>;

/** Reads and checks a set of options from the command line and the config file. */
export type ReadOptions = <S extends CliOptions>(options: S) => Settings<S>;

/** Reads options from the command line, and from the config file where the command line has none. */
export function readOptions(given: Given, file: ConfigFile | undefined): ReadOptions {
  return <S extends CliOptions>(options: S) => {
    const settings: Record<string, unknown> = {};
    for (const [key, option] of Object.entries(options)) {
      const words = given[key];
      const keys = option.fileKeys ?? [key];
      const fileKey = file && words === undefined ? keys.find((name) => Object.hasOwn(file.values, name)) : undefined;
      settings[key] =
        file === undefined || fileKey === undefined
          ? option.check(flagOf(key), wordsToValue(flagOf(key), option, words))
          : checkOfFile(option, file, fileKey, keys[0]);
    }
    return settings as Settings<S>;
  };
}

function checkOfFile(option: CliOption<unknown>, { path, values }: ConfigFile, key: string, ownKey?: string): unknown {
  const name = `${path}: ${key}`;
  // A command line cannot hold one, and the functions of Node that take a path throw a bare error.
  const hasNul = [values[key]].flat().some((one) => typeof one === 'string' && one.includes('\0'));
  if (hasNul) throw new ConfigurationError(name, 'has a NUL character in it');
  try {
    return option.check(name, values[key]);
  } catch (error) {
    if (key === ownKey || !(error instanceof ConfigurationError)) throw error;
    const problem = error.message.slice(error.option.length + 2);
    throw new ConfigurationError(name, `${problem}. If it is for another command, add "${ownKey}" for this one`, error);
  }
}

function wordsToValue(flag: string, option: CliOption<unknown>, words: string[] | true | undefined): unknown {
  if (words === undefined || words === true) return words;
  if (option.repeatable) return words;
  if (words.length > 1) throw new ConfigurationError(flag, 'is given more than once');
  const [word = ''] = words;
  return option.fromText === undefined ? word : option.fromText(word);
}

/**
 * A command line that continues this run, ready to be pasted into a shell: `command`, with those options given to this run that it has
 * too. Options that belong to one run are left out, and options that `command` contains already are not repeated.
 */
export function commandLine(command: string, given: Given, options: CliOptions): string {
  const words = ['cognito-cutover', ...command.split(' ')];
  const kept = Object.entries(options).filter(([, { commandLineOnly, fileOnly, narrowing, hidden }]) => {
    return hidden !== true && fileOnly !== true && (commandLineOnly !== true || narrowing === true);
  });
  for (const key of ['config', ...kept.map(([name]) => name)]) {
    const flag = flagOf(key);
    const values = given[key];
    if (values === undefined || words.includes(flag)) continue;
    if (values === true) words.push(flag);
    else for (const value of values) words.push(flag, quoted(value));
  }
  return words.join(' ');
}

/** As a shell reads it back. */
export const quoted = (word: string): string =>
  /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
