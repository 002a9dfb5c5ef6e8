import { createInterface } from 'node:readline/promises';
import { addAbortSignal, type Readable, Writable } from 'node:stream';
import { ConfigurationError } from '../../../errors.js';
import { anyOf } from '../../../migrate/calls/signals.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import { untilAborted } from '../../../time-limit.js';
import type { CliContext } from '../../define-command.js';
import type { Input } from '../../terminal/terminal.js';

/** Far more than a token has: what is longer is a file that was piped by mistake. */
const MOST_CHARACTERS = 64 * 1024;

type Context = Pick<CliContext, 'stdin' | 'stderr' | 'signal' | 'hangUp'>;

/**
 * The token on standard input, without white space around it and without `Bearer` in front of it.
 *
 * @throws ConfigurationError when there is none
 */
export async function readToken(context: Context): Promise<string> {
  const { stdin, signal, hangUp } = context;
  const text = stdin.isTTY ? await pasted(context) : await piped(stdin, anyOf(signal, hangUp));
  const token = text.trim().replace(/^(?:authorization:\s*)?bearer(?:\s+|$)/i, '');
  if (token === '') {
    throw new ConfigurationError(
      'standard input',
      'holds no token. Pipe it into the command, for example from a file: cognito-cutover token < token.txt',
    );
  }
  return token;
}

/** An open pipe keeps the process alive, so an interruption closes it too. */
function piped(stdin: Input, stopped: AbortSignal): Promise<string> {
  addAbortSignal(stopped, stdin as Readable);
  return untilAborted(wholeOf(stdin), stopped);
}

async function wholeOf(stdin: Input): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > MOST_CHARACTERS) {
      throw new ConfigurationError(
        'standard input',
        `holds more than ${MOST_CHARACTERS} characters, so it is not a token`,
      );
    }
  }
  return text;
}

/**
 * A line that is pasted at the terminal. The terminal neither shows it nor cuts it: in its own line mode, Linux cuts lines after
 * 4 095 characters and macOS after 1 024.
 */
async function pasted({ stdin, stderr, signal, hangUp }: Context): Promise<string> {
  const interrupted = new AbortController();
  const stopped = anyOf(signal, hangUp, interrupted.signal);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  lines.once('SIGINT', () => interrupted.abort());
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  stderr.write('Paste the token and press Enter. It is not shown.\n');
  try {
    return await Promise.race([lines.question('', { signal: stopped }), ended]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!stopped.aborted) throw error;
    throw new MigrationError('ERR_INTERRUPTED', 'interrupted before there was a token', { fix: 'No token was read.' });
  } finally {
    lines.close();
  }
}
