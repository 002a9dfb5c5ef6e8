import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { type OpenStateOptions, openState } from '../../../src/migrate/state/state.js';
import { statePath } from './workspace.js';

type Access = OpenStateOptions['access'];

export const open =
  (path: string, access: Access = 'write') =>
  () =>
    openState({ path, access }).close();
export const locked = expect.objectContaining({ code: 'ERR_STATE_LOCKED' });

export function made(): string {
  const path = statePath();
  open(path, 'plan')();
  return path;
}

/** Another process that has the state open. */
export async function held(path: string, access: Access) {
  const child = fork(new URL('./hold-state.mjs', import.meta.url), [path, access]);
  await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('it ended')))]);
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    close: async () => {
      child.send('close');
      await once(child, 'exit');
    },
  };
}

export const KINDS = ['plan', 'write', 'verify', 'publish'] as const;
