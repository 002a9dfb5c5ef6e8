import { type Clock, stopwatch } from '../../clock.js';
import type { ProgressEvent } from '../../migrate/progress.js';
import { formatPart, formatTime } from './format.js';

type EventOf<T extends ProgressEvent['type']> = Extract<ProgressEvent, { type: T }>;

/** How often a step that counts is shown. */
const STEP_EVERY_MS = 2_000;

export const percent = (share: number): string => `${Math.floor(share * 100)}%`;

/** Why a run waits, and since when: only the time if that is today. */
export function waitingLine({ reason, since }: EventOf<'waiting'>, now: number): string {
  if (reason === undefined) return 'continuing';
  // It has just begun, and says itself how long it takes.
  if (/, trying again, \d+ s left$/.test(reason)) return reason;
  const [time, today] = [new Date(since), new Date(now)].map(formatTime);
  const from = time?.slice(0, 10) === today?.slice(0, 10) ? time?.slice(11) : time;
  const outage = /^Cognito: (.*)$/.exec(reason);
  return outage === null ? `waiting since ${from}: ${reason}` : `waiting for Cognito since ${from}: ${outage[1]}`;
}

/** Shows steps as lines, and a step that counts from time to time. */
export function stepLines(clock: Clock, note: (line: string) => void): (event: EventOf<'step'>) => void {
  const passed = stopwatch(clock);
  let last: { readonly what: string; readonly at: number } | undefined;
  return ({ what, done, total }) => {
    if (last?.what === what && passed() - last.at < STEP_EVERY_MS) return;
    last = { what, at: passed() };
    note(total === undefined ? what : `${what}: ${formatPart(done ?? 0, total)}`);
  };
}
