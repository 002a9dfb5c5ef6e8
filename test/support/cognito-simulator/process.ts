import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ControlInput, ControlOutput, ControlRequests } from './control.js';
import type { SimulatorOptions } from './simulator.js';

/** Everything but what cannot be sent to another process. */
export type ProcessOptions = Omit<SimulatorOptions, 'now' | 'onRequest'>;

export interface SimulatorProcess {
  endpoint: string;
  ask<Name extends keyof ControlRequests>(name: Name, input: ControlInput<Name>): Promise<ControlOutput<Name>>;
  close(): Promise<void>;
}

/** A simulator in a process of its own, so that what is measured next to it keeps its memory and its core. */
export async function startSimulatorProcess(options: ProcessOptions): Promise<SimulatorProcess> {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  child.send(options);
  const [endpoint] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The simulator ended with ${code}.`))),
  ]);
  return {
    endpoint,
    ask: async <Name extends keyof ControlRequests>(name: Name, input: ControlInput<Name>) => {
      const response = await fetch(`${endpoint}/_sim/${name}`, { method: 'POST', body: JSON.stringify(input) });
      if (!response.ok) throw new Error(`The simulator refused ${name}: ${await response.text()}`);
      return response.json() as Promise<ControlOutput<Name>>;
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
