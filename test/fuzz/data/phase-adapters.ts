import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createDynamoDbPhaseStore } from '../../../src/operate/phases/dynamodb-phase-store.js';
import { createFilePhaseStore } from '../../../src/operate/phases/file-phase-store.js';
import type { PhaseStore } from '../../../src/operate/phases/phase-source.js';
import { createRedisPhaseStore } from '../../../src/operate/phases/redis-phase-store.js';
import { planReader } from '../../../src/operate/phases/stored-plan.js';

/** What the place of a plan answers: a text, nothing, a failure, or a value that is no text. */
export type PlaceAnswer = { readonly text: string } | { readonly other: 'gone' | 'fails' } | { readonly odd: unknown };

export const PLACES = ['reader', 'file', 'redis', 'dynamodb'] as const;

type Place = { readonly read: PhaseStore['read']; set(answer: PlaceAnswer): void };

/** A plan as each store reads it. `path` is free for a file. */
export function placeOf(kind: (typeof PLACES)[number], path: string): Place {
  let now: PlaceAnswer = { other: 'gone' };
  const fetched = async (): Promise<never> => {
    if ('text' in now) return now.text as never;
    if ('odd' in now) return now.odd as never;
    if (now.other === 'fails') throw new Error('the store is down');
    return null as never;
  };
  const set = (answer: PlaceAnswer) => {
    now = answer;
  };
  if (kind === 'reader') return { read: planReader('the store', fetched), set };
  if (kind === 'redis') {
    return { read: createRedisPhaseStore({ client: { get: fetched, set: async () => {} } }).read, set };
  }
  if (kind === 'dynamodb') {
    const send = async () => {
      const value: unknown = await fetched();
      if (value === null && 'other' in now) return {};
      return { Item: { plan: typeof value === 'string' ? { S: value } : value } };
    };
    return { read: createDynamoDbPhaseStore({ tableName: 't', client: { send } as never }).read, set };
  }
  return {
    read: createFilePhaseStore({ path }).read,
    set(answer) {
      rmSync(path, { recursive: true, force: true });
      if ('text' in answer) writeFileSync(path, answer.text);
      else if ('odd' in answer || answer.other === 'fails') mkdirSync(path);
    },
  };
}
