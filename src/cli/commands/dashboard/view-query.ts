/** How far back the traffic is shown. */
export const RANGES = ['24h', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];

/** What the address of the page says besides the secret: which users, and which traffic, it shows. */
export interface ViewQuery {
  /** Why the users need a person, for example `ambiguous`; empty: for any reason. */
  readonly show: string;
  /** How their usernames begin. */
  readonly name: string;
  /** The username after which the page of users begins. */
  readonly after: string;
  readonly range: Range;
  /** The page of app clients, from 1. */
  readonly clients: number;
}

const DEFAULTS: ViewQuery = { show: '', name: '', after: '', range: '24h', clients: 1 };
/** Cognito's usernames have at most 128 characters: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html */
const LONGEST_NAME = 128;
const MOST_PAGES = 10_000;

/** Whatever the address says: what cannot be meant is as if it were not there. */
export function readQuery(given: URLSearchParams): ViewQuery {
  const textOf = (key: string) => (given.get(key) ?? '').slice(0, LONGEST_NAME);
  const page = Number(given.get('clients'));
  return {
    show: textOf('show'),
    name: textOf('name'),
    after: textOf('after'),
    range: RANGES.find((one) => one === given.get('range')) ?? DEFAULTS.range,
    clients: Number.isInteger(page) && page >= 1 && page <= MOST_PAGES ? page : DEFAULTS.clients,
  };
}

/** The address of another view, relative to the page. What is as usual is left out. */
export function linkTo(view: ViewQuery, change: Partial<ViewQuery>, at = './'): string {
  const query = new URLSearchParams(Object.fromEntries(saidOf({ ...view, ...change }))).toString();
  return query === '' ? at : `${at}?${query}`;
}

/** What of a view is not as usual, by its names in an address. */
export function saidOf(view: Partial<ViewQuery>): readonly (readonly [name: string, value: string])[] {
  return Object.entries(view)
    .filter(([key, value]) => value !== DEFAULTS[key as keyof ViewQuery])
    .map(([key, value]) => [key, `${value}`]);
}
