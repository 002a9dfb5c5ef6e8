import { formatDuration } from '../../../duration.js';
import { counted, listed } from '../../../words.js';
import type { DrainClient } from '../drain-types.js';
import { CLOCK_TOLERANCE_MS, type Coverage, type Gap, SILENT_FLUSHES } from './coverage.js';

/** `2026-11-29 12:00:00 UTC`. */
const moment = (at: number | string): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
const span = (ms: number): string => formatDuration(ms / 1000);

/** Why a pool may not be closed: what was found, why it matters, what to do. Names of instances, pools and app clients, and nothing else. */
export const REASONS = {
  noInstances:
    'No instance has ever reported. Give the drain monitor of every service this store, and name the store that they write to.',
  nobodyCounts:
    'No instance is counting now, so legacy tokens may be coming in unseen. Start the services with their drain monitors.',
  nothingCounted:
    'No token of any pool was ever counted, so nothing shows that the monitors see any. Create them in the processes that verify tokens.',
  noLegacyPool:
    'No token of a legacy pool was ever counted, so it is not known which pool is meant. Name it with legacyPools (--legacy-pool).',
  refreshUnknown:
    'It is not known how long refresh tokens of the legacy pool live: a user who has not come back yet still may. Give refreshTokenSeconds (--refresh-lifetime), 0 where they were revoked and nobody can sign in there any more.',

  noStore:
    'Only this process is counted, because its monitor has no store. Give all instances one store, or say that there is no other: expectInstances: 1.',
  notWritten: (instance: string, store: string, why: string) =>
    `What ${instance} counted cannot be written to ${store} (${why}). Mend the connection or the permissions.`,
  unreadable: (store: string, why: string) =>
    `${store} cannot be read (${why}), so what its instances counted is not known. Mend the connection or the permissions.`,
  damaged: (entries: number) =>
    `${counted(entries, 'entry', 'entries')} of the store cannot be read: damaged, or of a later version. Use the version of the services, or remove them.`,
  silent: (instances: readonly string[]) =>
    `${listed(instances)} stopped reporting: nothing for ${SILENT_FLUSHES} flushes, and no goodbye. Start it again, see why it cannot write, or, if it is gone for good, say so: cognito-cutover drain --gone NAME.`,
  doubled: (instances: readonly string[]) =>
    `Several processes count as ${listed(instances)}, so it would not be noticed if one of them stopped. Give each an instance name of its own.`,
  clockAhead: (instances: readonly string[]) =>
    `The clock of ${listed(instances)} is more than ${span(CLOCK_TOLERANCE_MS)} ahead of the one here. Set the clocks right.`,
  lambda: (instances: readonly string[]) =>
    `${listed(instances)} runs in AWS Lambda, which ends environments without notice, so what they counted last may be lost. Judge its traffic by --cloudwatch, and leave its monitor out of this store.`,
  tooFew: (counting: number, expected: number) =>
    `${counted(counting, 'instance')} of the ${expected} expected ${counting === 1 ? 'is' : 'are'} counting now. Start the others, or correct expectInstances (--expect-instances).`,
  neverEnough: (expected: number) =>
    `Never have ${counted(expected, 'instance')} counted at the same time. Start them, or correct expectInstances (--expect-instances).`,
  notLegacy: (pools: readonly string[]) =>
    `${listed(pools)} is the new pool for services that report here. Correct legacyPools (--legacy-pool), or the options of the verifier.`,
  twoSides: (pools: readonly string[]) =>
    `${listed(pools)} is the legacy pool for one service and the new one for another. Correct the options of their verifiers.`,
  otherPools: (named: readonly string[], seen: readonly string[]) =>
    `No token of ${listed(named)} was ever counted, but tokens of the legacy pool ${listed(seen)} were. Correct legacyPools (--legacy-pool).`,

  stillUsed: (lastToken: number, expiry: number, clients: readonly DrainClient[]) => {
    const users = clients.map(
      ({ clientId, tokens, users, lastToken: last }) =>
        `${clientId} (${counted(tokens, 'token')} of ${counted(users, 'user')}${last === null ? '' : `, the last on ${moment(last)}`})`,
    );
    const who = users.length === 0 ? '' : ` App clients: ${listed(users, '; ')}.`;
    return `Legacy tokens are still in use: the last was accepted on ${moment(lastToken)}, the latest expires on ${moment(expiry)}.${who} Move these users, or wait.`;
  },
  unjudged: (at: number) =>
    `A legacy token that came on ${moment(at)} could not be judged, because keys or isRevoked were unavailable, so it may have been a good one. See why (docs/errors.md), then wait.`,
  gap: ({ kind, instance, from, until }: Gap) =>
    kind !== 'lost'
      ? `${kind === 'nobody' ? 'No instance' : 'Fewer instances than expected'} counted from ${moment(from)} to ${moment(until)}, so legacy tokens may have come in unseen until then. Wait.`
      : `${instance} ended without writing what it had counted after ${moment(from)}, so legacy tokens may have come in unseen until ${moment(until)}. Wait, and let services close their monitors when they stop.`,
  started: (at: number, instance: string, expected: number | undefined) =>
    expected === undefined
      ? `Everything is counted since ${moment(at)} only, when ${instance} was seen for the first time, or again after a pause: what it accepted before is not known. Wait, or, if it was merely added, say how many instances there are at least: expectInstances (--expect-instances).`
      : `Everything is counted since ${moment(at)} only, when ${counted(expected, 'instance')} counted at the same time for the first time. Wait.`,
  storeBegan: (at: number) =>
    `The store holds nothing from before ${moment(at)}: it was new then, or lost what it had. Wait, and let it keep its data (docs/drain.md).`,
  retention: (from: number, windowMs: number) =>
    `The store keeps what was counted since ${moment(from)}, but tokens and refresh tokens can live for ${span(windowMs)}. Set its retentionDays higher.`,
  wait: (until: number, quietSince: number, windowMs: number) =>
    `If nothing more comes, it is safe from ${moment(until)} on: ${span(windowMs)}, as long as tokens and refresh tokens can live, after ${moment(quietSince)}, when the last legacy token that may have been issued ends.`,
} as const;

/** Whatever about the instances makes their count incomplete. */
export function unknownInstances(coverage: Coverage, expected: number | undefined): string[] {
  const { runs, counting, silent, doubled, clockAhead, lambda, start } = coverage;
  if (runs.length === 0) return [REASONS.noInstances];
  const some = (names: readonly string[], say: (names: readonly string[]) => string) =>
    names.length === 0 ? [] : [say(names)];
  const found = [
    ...some(silent, REASONS.silent),
    ...some(doubled, REASONS.doubled),
    ...some(clockAhead, REASONS.clockAhead),
    ...some(lambda, REASONS.lambda),
  ];
  if (counting.length === 0) found.push(REASONS.nobodyCounts);
  else if (expected !== undefined && counting.length < expected) found.push(REASONS.tooFew(counting.length, expected));
  else if (start === undefined && expected !== undefined) found.push(REASONS.neverEnough(expected));
  return found;
}
