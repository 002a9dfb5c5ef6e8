import { isPlainObject } from '../../../options.js';
import { LAST_MOMENT, LONGEST_NAME } from '../count/drain-counter.js';
import { UserSketch } from '../count/user-sketch.js';
import type { DrainClientRecord, DrainHour, DrainInstance, DrainRecord, DrainTrace } from '../drain-types.js';

/** More than any version counts by name. */
const MOST_CLIENTS_READ = 10_000;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isMoment = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= LAST_MOMENT;
const isSketch = (value: unknown): value is string =>
  typeof value === 'string' && UserSketch.parse(value) !== undefined;
const isDay = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && new Date(value).toJSON()?.slice(0, 10) === value;
const isListOf = <T>(value: unknown, most: number, is: (one: unknown) => one is T): value is T[] =>
  Array.isArray(value) && value.length <= most && value.every(is);

const isHour = (value: unknown): value is DrainHour =>
  isPlainObject(value) &&
  isCount(value['hour']) &&
  value['hour'] < 24 &&
  isCount(value['tokens']) &&
  isSketch(value['users']);

const isClient = (value: unknown): value is DrainClientRecord =>
  isPlainObject(value) &&
  isName(value['clientId']) &&
  isCount(value['tokens']) &&
  isSketch(value['users']) &&
  isListOf(value['hours'], 24, isCount) &&
  isMoment(value['lastToken']) &&
  isMoment(value['latestExpiry']);

const isTrace = (value: unknown): value is DrainTrace =>
  isPlainObject(value) &&
  isName(value['userPoolId']) &&
  isMoment(value['lastToken']) &&
  isMoment(value['latestExpiry']) &&
  isMoment(value['longestLifetime']);

/** Whether a store's content is a record. A store may hold anything: another version's records, or somebody else's keys. */
export const isDrainRecord = (value: unknown): value is DrainRecord =>
  isPlainObject(value) &&
  isName(value['instance']) &&
  isName(value['run']) &&
  isName(value['userPoolId']) &&
  (value['pool'] === 'legacy' || value['pool'] === 'new') &&
  isDay(value['day']) &&
  isCount(value['tokens']) &&
  isSketch(value['users']) &&
  isListOf(value['hours'], 24, isHour) &&
  isListOf(value['clients'], MOST_CLIENTS_READ, isClient);

/** The same of the run of an instance. */
export const isDrainInstance = (value: unknown): value is DrainInstance =>
  isPlainObject(value) &&
  isName(value['instance']) &&
  isName(value['run']) &&
  isMoment(value['startedAt']) &&
  isMoment(value['reportedAt']) &&
  (value['endedAt'] === undefined || isMoment(value['endedAt'])) &&
  (value['goneAt'] === undefined || isMoment(value['goneAt'])) &&
  typeof value['flushSeconds'] === 'number' &&
  value['flushSeconds'] > 0 &&
  value['flushSeconds'] <= 86_400 &&
  (value['retentionDays'] === undefined || (isCount(value['retentionDays']) && value['retentionDays'] > 0)) &&
  (value['lambda'] === undefined || typeof value['lambda'] === 'boolean') &&
  (value['unjudgedAt'] === undefined || isMoment(value['unjudgedAt'])) &&
  isListOf(value['legacy'], 1_000, isTrace);
