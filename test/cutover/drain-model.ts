/**
 * What `drain` must answer, worked out without any code of it: from the tokens that the APIs accepted, and from when each API
 * ran. Times are milliseconds since the epoch.
 */

export interface DrainRules {
  /** Every legacy token has ended by then after the last was accepted, and every refresh token after the last token. */
  readonly windowMs: number;
  /** How long a token may live on that nobody has seen. */
  readonly unseenMs: number;
  /** How old the counts in the store may be. */
  readonly flushMs: number;
  /** An instance that reported nothing for so long is missing. */
  readonly silentMs: number;
  readonly slackMs: number;
}

/** One start of an API process. */
export interface DrainRun {
  readonly startedAt: number;
  readonly readyAt: number;
  readonly endedAt?: number;
  readonly ending?: 'SIGTERM' | 'SIGKILL';
  /** Legacy tokens that it accepted. */
  readonly tokens: readonly { readonly at: number; readonly expiresAt: number }[];
}

export interface Verdict {
  /** `either`: it depends on what happened within the flush interval. */
  readonly safe: boolean | 'either';
  /** Instances that the reasons must name. */
  readonly missing: readonly string[];
  /** Before it, the answer is no, whatever else happens. */
  readonly earliest: number;
}

export interface DrainQuestion {
  /** How many instances have to count. */
  readonly expected: number;
  readonly from: number;
  readonly until: number;
}

/** The verdict for a question that was asked at `from` and answered at `until`. */
export function drainVerdict(
  instances: ReadonlyMap<string, readonly DrainRun[]>,
  { windowMs, unseenMs, flushMs, silentMs, slackMs }: DrainRules,
  { expected, from, until }: DrainQuestion,
): Verdict {
  /** The legacy pool is quiet since then: at the earliest, as far as the store can know, and at the latest. */
  let [quietFrom, quietUntil] = [0, 0];
  const note = (at: number, isStored = true) => {
    quietUntil = Math.max(quietUntil, at);
    if (isStored) quietFrom = Math.max(quietFrom, at);
  };
  const missing: string[] = [];
  let isPerhapsMissing = false;

  for (const [name, runs] of instances) {
    runs.forEach((run, index) => {
      const isKilled = run.ending === 'SIGKILL' && run.endedAt !== undefined;
      const lostAfter = isKilled ? run.endedAt - flushMs - slackMs : until - flushMs - slackMs;
      const isEnded = run.ending === 'SIGTERM' && run.endedAt !== undefined;
      for (const { at, expiresAt } of run.tokens) note(Math.max(at, expiresAt), isEnded || at < lostAfter);
      const next = runs[index + 1];
      // What an instance counted before its end is lost, and nothing was counted until it was back.
      if (index === 0 || runs[index - 1]?.ending === 'SIGKILL') {
        note(run.startedAt);
        note(run.readyAt + unseenMs, false);
      }
      if (isKilled && next === undefined) {
        if (from > run.endedAt + silentMs + slackMs) missing.push(name);
        else isPerhapsMissing = true;
      }
    });
  }
  const counting = [...instances.values()].filter((runs) => runs.at(-1)?.ending !== 'SIGTERM').length;
  const earliest = quietFrom + windowMs;
  const isSurelyNot = missing.length > 0 || counting < Math.max(1, expected) || until < earliest;
  const isSurely = !isPerhapsMissing && from > quietUntil + windowMs + flushMs + slackMs;
  return { safe: isSurelyNot ? false : isSurely ? true : 'either', missing, earliest };
}
