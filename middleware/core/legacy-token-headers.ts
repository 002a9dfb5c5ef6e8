import { ConfigurationError } from '../../src/errors.js';
import { insideOf } from '../../src/operate/phases/legacy-window.js';
import { checkDate, checkKeys, refuse } from '../../src/options.js';
import type { ResponseHeaders } from './host.js';

/**
 * What the responses to requests with a legacy-pool token announce. At least one of them. A verifier whose `legacyTokens` are phases
 * announces their dates by itself: dates given here take the place of both, and `link` alone is added to them.
 */
export interface LegacyTokenHeaders {
  /** When legacy tokens became, or will become, deprecated: `Deprecation`, RFC 9745. */
  readonly deprecation?: Date;
  /** When they will be refused: `Sunset`, RFC 8594. Not before `deprecation`. */
  readonly sunset?: Date;
  /** The absolute URL of a page that tells client developers what to do: `Link`, RFC 9745 section 3. */
  readonly link?: string;
}

type Announce = (res: ResponseHeaders) => void;

/** Checks the option, and returns the function that sets the headers on a response. */
export function checkLegacyTokenHeaders(option: LegacyTokenHeaders | undefined, phases?: object): Announce | undefined {
  const announced = insideOf(phases)?.announced;
  if (option === undefined) return announced && ((res) => setDates(res, announced()));
  checkKeys('legacyTokenHeaders', option, ['deprecation', 'sunset', 'link']);
  const date = (name: 'deprecation' | 'sunset') =>
    option[name] === undefined ? undefined : checkDate(`legacyTokenHeaders.${name}`, option[name]);
  const deprecation = date('deprecation');
  const sunset = date('sunset');
  const link = checkLink(option.link);
  const isDated = deprecation !== undefined || sunset !== undefined;
  if (!isDated && link === undefined) refuse('legacyTokenHeaders', 'deprecation, sunset or link', option);
  if (deprecation !== undefined && sunset !== undefined && sunset < deprecation) {
    throw new ConfigurationError('legacyTokenHeaders.sunset', 'expected a date that is not before deprecation');
  }
  const own = link === undefined ? undefined : `<${link}>; rel="deprecation"; type="text/html"`;
  if (announced !== undefined && !isDated) {
    return (res) => {
      const dates = announced();
      setDates(res, dates);
      if (dates !== undefined) addLink(res, own);
    };
  }
  const fixed = {
    deprecation: deprecation && `@${Math.floor(deprecation.getTime() / 1000)}`,
    sunset: sunset?.toUTCString(),
  };
  return (res) => {
    setDates(res, fixed);
    addLink(res, own);
  };
}

interface Dates {
  readonly deprecation: string | undefined;
  readonly sunset: string | undefined;
}

/** Set, not appended: two lines would be invalid, and the middleware may be mounted twice. */
function setDates(res: ResponseHeaders, dates: Dates | undefined): void {
  if (dates?.deprecation !== undefined) res.setHeader('Deprecation', dates.deprecation);
  if (dates?.sunset !== undefined) res.setHeader('Sunset', dates.sunset);
}

/** Appended, because the application may send links of its own. */
function addLink(res: ResponseHeaders, own: string | undefined): void {
  if (own !== undefined && ![res.getHeader('Link')].flat().includes(own)) res.appendHeader('Link', own);
}

function checkLink(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href;
  return refuse('legacyTokenHeaders.link', 'an absolute http(s) URL', value);
}
