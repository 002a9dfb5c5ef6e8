import { type CliOptions, valueOption } from './option.js';
import { timeSpan } from './time-span.js';

/** For every command that calls Cognito. */
export const ENDURING_OPTIONS = {
  patience: valueOption(
    '<time>',
    'how long to keep trying when Cognito fails or credentials expire, after its first answer: 90s, 10m, 1h (default: 1h)',
    timeSpan('a time like 90s, 10m or 1h', ['', 's', 'm', 'h']),
  ),
} satisfies CliOptions;
