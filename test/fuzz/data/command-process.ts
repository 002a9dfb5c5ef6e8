import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CommandRun } from './command-run.js';

/** How the SQLite driver ends: https://github.com/tursodatabase/libsql-js converts every text with `unwrap`. */
const DRIVER_PANIC = /panicked at .*libsql.*\n.*Utf8Error/;

/** Longer than any command takes on a busy machine, and shorter than an input may. */
const HANGS_MS = 20_000;

/** Runs command lines in another process, which is replaced where it ends, or hangs. */
export class CommandProcess {
  #child: ChildProcess | undefined;
  #stderr = '';
  /** How often the driver ended the process. */
  driverPanics = 0;

  /** `undefined` where the SQLite driver ended the process. */
  async run(args: readonly string[], limitMs = HANGS_MS): Promise<CommandRun | undefined> {
    const child = this.#child ?? this.#start();
    this.#stderr = '';
    const answer = await new Promise<{ run?: CommandRun; thrown?: string }>((resolve) => {
      let hangs = false;
      // From here, because it may never get to its own timers.
      const limit = setTimeout(() => {
        hangs = true;
        child.kill('SIGKILL');
      }, limitMs);
      const onExit = (code: number | null, signal: string | null) => {
        clearTimeout(limit);
        child.off('message', onMessage);
        this.#child = undefined;
        const how = hangs ? `hung: ${args.join(' ')}` : `ended with ${code ?? signal}`;
        resolve(DRIVER_PANIC.test(this.#stderr) ? {} : { thrown: `${how}: ${this.#stderr.slice(-2000)}` });
      };
      const onMessage = (message: object) => {
        clearTimeout(limit);
        child.off('close', onExit);
        resolve(message);
      };
      child.once('close', onExit);
      child.once('message', onMessage);
      // One that has just ended reports that by its end.
      child.send(args, () => {});
    });
    if (answer.thrown !== undefined) throw new Error(`a command crashed: ${answer.thrown}`);
    if (answer.run === undefined) this.driverPanics += 1;
    return answer.run;
  }

  #start(): ChildProcess {
    const file = fileURLToPath(new URL('command-worker.ts', import.meta.url));
    const child = fork(file, {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    // It may also end between two commands.
    child.once('close', () => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    return child;
  }

  close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }
}
