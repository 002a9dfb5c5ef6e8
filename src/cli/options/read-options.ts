import { ConfigurationError } from '../../errors.js';
import { COMMON_OPTIONS } from './common.js';
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
      if (words === undefined && file !== undefined && Object.hasOwn(file.values, key)) {
        settings[key] = option.check(`${file.path}: ${key}`, file.values[key]);
      } else {
        settings[key] = option.check(flagOf(key), wordsToValue(flagOf(key), option, words));
      }
    }
    return settings as Settings<S>;
  };
}

function wordsToValue(flag: string, option: CliOption<unknown>, words: string[] | true | undefined): unknown {
  if (words === undefined || words === true) return words;
  if (option.repeatable) return words;
  if (words.length > 1) throw new ConfigurationError(flag, 'is given more than once');
  const [word = ''] = words;
  return option.fromText === undefined ? word : option.fromText(word);
}

/** Another command on the same state and pools, ready to be pasted into a shell. */
export function commandLine(command: string, given: Given): string {
  const words = ['cognito-cutover', ...command.split(' ')];
  for (const key of ['config', ...Object.keys(COMMON_OPTIONS)]) {
    const values = given[key];
    if (Array.isArray(values)) for (const value of values) words.push(flagOf(key), quoted(value));
  }
  return words.join(' ');
}

const quoted = (word: string): string => (/^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
