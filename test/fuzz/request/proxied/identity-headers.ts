/** Who a signed token stands for, with claims as odd as JSON allows. */
export interface Person {
  readonly side: 'legacy' | 'new';
  readonly use: 'access' | 'id';
  readonly sub: string;
  /** The claim of the legacy id; absent where undefined. */
  readonly legacyId: string | undefined;
  readonly client: string;
  readonly scope: string | undefined;
  readonly groups: readonly string[] | undefined;
  readonly hasName: boolean;
}

/** The seven headers of an answer with status 200, in lower case; or the refusal. */
export type Decision =
  | { readonly status: 200; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: number; readonly code: string };

const NAMES = ['user-id', 'pool', 'sub', 'client-id', 'scopes', 'groups', 'kind'];
const headersOf = (...values: readonly string[]): Decision => ({
  status: 200,
  headers: Object.fromEntries(NAMES.map((name, at) => [`x-auth-${name}`, values[at] ?? ''])),
});
const NOBODY = headersOf();

const refused = (status: number, code: string): Decision => ({ status, code });

/** By its bytes: 0x21 to 0x7e, and nothing else. */
const isVisible = (text: string): boolean => [...Buffer.from(text)].every((byte) => byte > 0x20 && byte < 0x7f);

/** A name for a list, its bytes in UTF-8; `undefined` where half a character has none. */
function encoded(name: string): string | undefined {
  const bytes = Buffer.from(name);
  if (bytes.toString() !== name) return undefined;
  const hex = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return [...bytes]
    .map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x25 ? String.fromCharCode(byte) : hex(byte)))
    .join('');
}

/** What docs/forward-auth.md says of a token that is good, for a service that takes any text as a legacy id. */
export function decisionAbout(person: Person): Decision {
  const { side, use, sub, legacyId, client, scope, groups, hasName } = person;
  if (sub === '' || client === '') return refused(401, 'ERR_CLAIM_INVALID');
  const isMachine = use === 'access' && !hasName && sub === client;
  let user = isMachine ? client : sub;
  if (side === 'new' && !isMachine) {
    if (legacyId === undefined) return refused(403, 'ERR_LEGACY_ID_MISSING');
    if (legacyId === '') return refused(403, 'ERR_LEGACY_ID_INVALID');
    user = legacyId;
  }
  if (!isVisible(sub) || !isVisible(client)) return refused(401, 'ERR_CLAIM_INVALID');
  if (!isVisible(user)) return refused(403, 'ERR_LEGACY_ID_INVALID');
  const scopes = use === 'id' || scope === undefined ? [] : scope.split(' ');
  const lists = [scopes, groups ?? []].map((names) => names.filter((name) => name !== '').map(encoded));
  if (lists.flat().includes(undefined)) return refused(401, 'ERR_CLAIM_INVALID');
  const [scopeList = '', groupList = ''] = lists.map((names) => names.join(' '));
  return headersOf(user, side, sub, client, scopeList, groupList, isMachine ? 'machine' : 'user');
}

/** How the service was started. */
export type Manner = 'enforce' | 'optional' | 'observe';

/** A request as Node has read it. */
export interface Read {
  readonly url: string;
  readonly rawHeaders: readonly string[];
}

/** Whether the bytes of one request have several Authorization headers, whatever a server makes of them. */
export function hasSeveral(request: string): boolean {
  const lines = request.split('\r\n');
  const head = lines.slice(0, lines.indexOf(''));
  return head.filter((line) => /^authorization:/i.test(line)).length > 1 && !/[\r\n]/.test(head.join(''));
}

const valuesOf = ({ rawHeaders }: Read, ...names: readonly string[]): readonly string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && names.includes(rawHeaders[at - 1]?.toLowerCase() ?? ''));

/**
 * What a request must be answered, with or without a body of its own.
 *
 * @param known the tokens that are good
 */
export function answerTo(read: Read, manner: Manner, known: ReadonlyMap<string, Decision>): Decision {
  const [path = ''] = read.url.split(/[?#]/);
  if (['/healthz', '/readyz', '/metrics'].includes(path)) return NOBODY;
  if (!(path === '/' || path === '/auth' || path.startsWith('/auth/'))) return refused(404, '');
  if (manner === 'observe') return NOBODY;
  const [value, ...more] = valuesOf(read, 'authorization');
  if (more.length > 0) return refused(400, 'ERR_CREDENTIALS_AMBIGUOUS');
  const [scheme = '', ...rest] = (value ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer') return manner === 'optional' ? NOBODY : refused(401, 'ERR_TOKEN_MISSING');
  const token = rest.filter((part) => part !== '').join(' ');
  if (token === '') return refused(401, 'ERR_TOKEN_MALFORMED');
  const addresses = [read.url, ...valuesOf(read, 'x-original-uri', 'x-original-url', 'x-forwarded-uri')];
  const isElsewhere = addresses.some((one) =>
    one
      .split(/[?&]/)
      .slice(1)
      .some((part) => part.startsWith('access_token=')),
  );
  if (isElsewhere) return refused(400, 'ERR_CREDENTIALS_AMBIGUOUS');
  return known.get(token) ?? refused(401, 'ERR_TOKEN_MALFORMED');
}
