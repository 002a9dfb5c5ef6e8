import { ConfigurationError } from '../../errors.js';
import { readText } from '../../migrate/files/read-text.js';
import { isPlainObject, shown, unknownOption } from '../../options.js';
import type { CliOptions } from './option.js';

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads `--config`: a JSON object whose keys are the options' names in camel case, or those that `underKeys` gives them. One file
 * serves every command, so it may hold options of any of them; each command checks the values of its own.
 *
 * @throws ConfigurationError naming the file and the key.
 */
export async function readConfigFile(path: string, known: CliOptions): Promise<ConfigFile> {
  const values = parse(path, await readText('--config', path));
  for (const key of Object.keys(values)) {
    const option = Object.hasOwn(known, key) ? known[key] : undefined;
    if (option === undefined) {
      const keys = Object.keys(known).filter((name) => known[name]?.commandLineOnly !== true);
      throw new ConfigurationError(`${path}: ${key}`, unknownOption(key, keys.sort()));
    }
    if (option.commandLineOnly)
      throw new ConfigurationError(`${path}: ${key}`, 'can be given on the command line only');
  }
  return { path, values };
}

function parse(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    throw new ConfigurationError('--config', `${path} is not JSON: ${reason}`, error);
  }
  if (!isPlainObject(value))
    throw new ConfigurationError('--config', `${path}: expected an object, got ${shown(value)}`);
  return value;
}
