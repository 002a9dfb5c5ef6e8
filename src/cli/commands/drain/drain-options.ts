import { DEFAULT_SESSIONS_RPS } from '../../../migrate/calls/quotas.js';
import { timeOfIsoDate } from '../../../operate/phases/phase-plan.js';
import { checkString, refuse } from '../../../options.js';
import { COMMON_OPTIONS, RPS } from '../../options/common.js';
import { ENDURING_OPTIONS } from '../../options/enduring.js';
import {
  type CliOptions,
  commandLineOnly,
  countOption,
  flagOption,
  numberOption,
  required,
  severalOption,
  underKeys,
  valueOption,
} from '../../options/option.js';
import { storeAddress } from '../../options/store-address.js';
import { timeSpan } from '../../options/time-span.js';

const { legacyPool, legacyRegion, legacyProfile, legacyRoleArn, legacyEndpoint } = COMMON_OPTIONS;

export const DRAIN_OPTIONS = {
  legacyPool,
  legacyRegion,
  legacyProfile,
  legacyRoleArn,
  legacyEndpoint,
  from: underKeys(
    required(
      severalOption(
        '<where>',
        'where instances count: redis://HOST:PORT, dynamodb://TABLE?region=REGION or FILE.ndjson; repeatable',
        storeAddress('.ndjson'),
        ({ name }) => name,
      ),
    ),
    'drainStores',
    'from',
  ),
  refreshLifetime: valueOption(
    '<time>',
    'how long refresh tokens of the legacy pool live at most: 30d, 12h, 0 for none (default: as --legacy-pool says)',
    timeSpan('a time like 30d or 12h, or 0', ['s', 'm', 'h', 'd']),
  ),
  expectInstances: countOption('<number>', 'how many instances have to count; fewer are a reason against'),
  cloudwatch: flagOption('also read what AWS counted: sign-ins and token refreshes of the legacy pool'),
  sessions: flagOption('also ask Cognito for the live sessions of every legacy user; asks before it does'),
  sessionsRps: numberOption('<number>', `maximum users asked about per second (default: ${DEFAULT_SESSIONS_RPS})`, RPS),
  gone: commandLineOnly(
    severalOption(
      '<instance>',
      'say that an instance has ended for good, so that it is no longer waited for; repeatable',
      (name, value) => checkString(name, value, 'the name of an instance'),
    ),
  ),
  goneAt: commandLineOnly(
    valueOption('<date>', 'when the instances of --gone had ended at the latest (default: now)', (name, value) => {
      const time = timeOfIsoDate(typeof value === 'string' ? value : '');
      return time >= 0 ? time : refuse(name, 'a time with its time zone like 2026-12-01T09:00:00Z', value);
    }),
  ),
  yes: commandLineOnly(flagOption('do not ask about --gone and --sessions')),
  ...ENDURING_OPTIONS,
} satisfies CliOptions;
