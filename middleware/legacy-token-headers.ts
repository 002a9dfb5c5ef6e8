import type { OutgoingMessage } from 'node:http';
import { ConfigurationError } from '../src/errors.js';
import { checkDate, checkKeys, refuse } from '../src/options.js';

/** What the responses to requests with a legacy-pool token announce. At least one of them. */
export interface LegacyTokenHeaders {
  /** When legacy tokens became, or will become, deprecated: `Deprecation`, RFC 9745. */
  readonly deprecation?: Date;
  /** When they will be refused: `Sunset`, RFC 8594. Not before `deprecation`. */
  readonly sunset?: Date;
  /** The absolute URL of a page that tells client developers what to do: `Link`, RFC 9745 section 3. */
  readonly link?: string;
}

/** Checks the option, and returns the function that sets its headers on a response. */
export function checkLegacyTokenHeaders(
  option: LegacyTokenHeaders | undefined,
): ((res: OutgoingMessage) => void) | undefined {
  if (option === undefined) return undefined;
  checkKeys('legacyTokenHeaders', option, ['deprecation', 'sunset', 'link']);
  const date = (name: 'deprecation' | 'sunset') =>
    option[name] === undefined ? undefined : checkDate(`legacyTokenHeaders.${name}`, option[name]);
  const deprecation = date('deprecation');
  const sunset = date('sunset');
  const link = checkLink(option.link);
  if (deprecation === undefined && sunset === undefined && link === undefined) {
    refuse('legacyTokenHeaders', 'deprecation, sunset or link', option);
  }
  if (deprecation !== undefined && sunset !== undefined && sunset < deprecation) {
    throw new ConfigurationError('legacyTokenHeaders.sunset', 'expected a date that is not before deprecation');
  }
  const fixed: (readonly [string, string])[] = [];
  if (deprecation !== undefined) fixed.push(['Deprecation', `@${Math.floor(deprecation.getTime() / 1000)}`]);
  if (sunset !== undefined) fixed.push(['Sunset', sunset.toUTCString()]);
  const own = link === undefined ? undefined : `<${link}>; rel="deprecation"; type="text/html"`;
  return (res) => {
    // Set, not appended: two lines would be invalid, and the middleware may be mounted twice.
    for (const [name, value] of fixed) res.setHeader(name, value);
    // Appended, because the application may send links of its own.
    if (own !== undefined && ![res.getHeader('Link')].flat().includes(own)) res.appendHeader('Link', own);
  };
}

function checkLink(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href;
  return refuse('legacyTokenHeaders.link', 'an absolute http(s) URL', value);
}
