import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadReport, LoadStart, ToLoad } from './soak-messages.js';
import type { Sample } from './soak-verdict.js';

const ANSWER_MS = 60_000;

type Untagged<T> = T extends unknown ? Omit<T, 'id'> : never;

/** A process of this test, to which messages are sent and which answers each. */
class Child {
  readonly #process: ChildProcess;
  readonly name: string;

  constructor(name: string, program: string, environment: Record<string, string>, execArgv: readonly string[]) {
    this.name = name;
    const file = fileURLToPath(new URL(program, import.meta.url));
    const env = { ...process.env, NODE_ENV: 'production', ...environment };
    this.#process = fork(file, [], { env, execArgv: [...execArgv] });
  }

  answer<T>(isIt: (message: T) => boolean, send?: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#process.off('message', hear).off('exit', ended);
        act();
      };
      const hear = (message: unknown) => isIt(message as T) && settle(() => resolve(message as T));
      const ended = (code: number | null) => settle(() => reject(new Error(`${this.name} ended with ${code}`)));
      const timer = setTimeout(() => settle(() => reject(new Error(`${this.name} does not answer`))), ANSWER_MS);
      this.#process.on('message', hear).on('exit', ended);
      if (this.#process.exitCode !== null || !this.#process.connected) return ended(this.#process.exitCode);
      if (send !== undefined) this.#process.send(send);
    });
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }
}

export class SoakServer extends Child {
  port = 0;
  readonly samples: Sample[] = [];

  static async start(name: string, config: object): Promise<SoakServer> {
    const server = new SoakServer(name, 'soak-server.mjs', { SOAK_SERVER: JSON.stringify(config) }, ['--expose-gc']);
    const { port } = await server.answer<{ port?: number }>((message) => message.port !== undefined);
    server.port = port ?? 0;
    return server;
  }

  async tell(ask: 'source' | 'refresh', value?: string): Promise<void> {
    await this.answer<{ done?: string }>(({ done }) => done === ask, { ask, value });
  }

  async sample(second: number): Promise<void> {
    type Taken = { sample?: Omit<Sample, 'second'> };
    const { sample } = await this.answer<Taken>((message) => message.sample !== undefined, { ask: 'sample' });
    if (sample !== undefined) this.samples.push({ second, ...sample });
  }
}

export class LoadProcess extends Child {
  #id = 0;

  static async start(options: LoadStart): Promise<LoadProcess> {
    const load = new LoadProcess('load', 'soak-load.ts', { SOAK_LOAD: JSON.stringify(options) }, ['--import', 'tsx']);
    await load.answer<{ id?: number }>(({ id }) => id === 0);
    return load;
  }

  async tell(message: Untagged<ToLoad>): Promise<LoadReport> {
    this.#id += 1;
    const id = this.#id;
    const { report } = await this.answer<{ id: number; report: LoadReport }>((answer) => answer.id === id, {
      id,
      ...message,
    });
    return report;
  }
}
