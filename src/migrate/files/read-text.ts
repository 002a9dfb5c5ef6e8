import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '../../errors.js';

/**
 * The text of a file that an option names.
 * @throws ConfigurationError naming `option`
 */
export async function readText(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
    throw new ConfigurationError(option, `cannot read ${path} (${code})`, error);
  }
}
