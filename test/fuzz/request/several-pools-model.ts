/** Three that are left, and the new one. */
export const POOLS = ['eu-west-1_OldA', 'eu-west-1_OldB', 'eu-west-1_OldC', 'eu-west-1_New'] as const;
export const NEW = 3;

export const clientsOf = (pool: number): readonly [string, string] => [`web${pool}`, `app${pool}`];
export const issuersOf = (pool: number): readonly string[] =>
  ['cognito-idp', 'issuer-cognito-idp'].map((host) => `https://${host}.eu-west-1.amazonaws.com/${POOLS[pool]}`);

/** What is configured. Dates are seconds from the beginning; NaN where the application does not know them. */
export interface Setup {
  readonly legacyPools: number;
  readonly pools: readonly {
    readonly anyClient: boolean;
    readonly tokenUse: 'access' | 'id' | 'any' | undefined;
    readonly audience: string | string[] | null | undefined;
    readonly hasAlias: boolean;
  }[];
  readonly tokenUse: 'access' | 'id' | 'any';
  readonly acceptUntil: number | undefined;
  readonly acceptSignInsBefore: number | undefined;
  /** Dates are functions, whose answer is another one by so many seconds after some time. */
  readonly moves: { readonly after: number; readonly by: number } | undefined;
  readonly onMissing: 'reject' | 'own-sub';
  readonly cache: false | { readonly maxTokens: number };
}

/** What a token says, and who signed it. Times are seconds from the beginning. */
export interface Claimed {
  readonly issuer: number;
  readonly form: number;
  readonly signedBy: number;
  readonly hasKid: boolean;
  readonly client: string;
  readonly use: 'access' | 'id';
  readonly aud: string | string[] | undefined;
  readonly isMachine: boolean;
  readonly sub: string;
  readonly claim: unknown;
  readonly signedIn: number | undefined;
  readonly exp: number;
}

/** A date of the configuration as it is after so many seconds; without one, `undefined`. */
export function dateAfter(passed: number, date: number | undefined, { moves }: Setup): number | undefined {
  return date === undefined || moves === undefined || passed < moves.after ? date : date + moves.by;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A client that is a user of nobody is a machine; an ID token is always a user's. */
const isMachine = ({ isMachine, use }: Claimed): boolean => isMachine && use === 'access';

/** Every rule that a token breaks, after so many seconds. Any of them may be the one that is named. */
export function flawsOf(one: Claimed, setup: Setup, passed: number): string[] {
  const { issuer, signedBy, hasKid, client, use, aud, signedIn, exp, claim } = one;
  const { legacyPools, onMissing } = setup;
  const [acceptUntil, acceptSignInsBefore] = [setup.acceptUntil, setup.acceptSignInsBefore].map((date) =>
    dateAfter(passed, date, setup),
  );
  const isLegacy = issuer !== NEW;
  if (isLegacy && issuer >= legacyPools) return ['ERR_ISSUER_NOT_TRUSTED'];
  const { anyClient, tokenUse = setup.tokenUse, audience } = setup.pools[issuer] as Setup['pools'][number];
  const isClosed = isLegacy && acceptUntil !== undefined && !(passed <= acceptUntil);
  const isSignedInLate =
    isLegacy &&
    acceptSignInsBefore !== undefined &&
    !isMachine(one) &&
    !(signedIn !== undefined && signedIn <= acceptSignInsBefore);
  const wanted = [audience ?? []].flat();
  const isElsewhere = (audience ?? null) !== null && ![aud ?? []].flat().some((name) => wanted.includes(name));
  const isMapped = !isLegacy && !isMachine(one);
  const broken: Readonly<Record<string, boolean>> = {
    ERR_LEGACY_POOL_CLOSED: isClosed || isSignedInLate,
    ERR_KEY_NOT_FOUND: !hasKid,
    ERR_SIGNATURE_INVALID: signedBy !== issuer,
    ERR_TOKEN_EXPIRED: exp + 5 <= passed,
    ERR_TOKEN_USE_NOT_ALLOWED: tokenUse !== 'any' && tokenUse !== use,
    ERR_CLIENT_NOT_ALLOWED: !anyClient && !clientsOf(issuer).includes(client),
    ERR_AUDIENCE_NOT_ALLOWED: use === 'access' && isElsewhere,
    ERR_LEGACY_ID_MISSING: isMapped && claim === undefined && onMissing === 'reject',
    ERR_LEGACY_ID_INVALID: isMapped && claim !== undefined && !(typeof claim === 'string' && UUID.test(claim)),
  };
  return Object.keys(broken).filter((code) => broken[code]);
}

/** Whose a token is that breaks no rule. */
export function ownerOf(one: Claimed, { pools }: Setup): { readonly userId: string; readonly clientId: string } {
  const { issuer, client, sub, claim } = one;
  const isRenamed = pools[issuer]?.hasAlias === true && client === clientsOf(issuer)[0];
  const clientId = isRenamed ? 'alias' : client;
  if (isMachine(one)) return { userId: clientId, clientId };
  // An ID token of which the user is called like its client is a user's all the same.
  const own = one.isMachine ? client : sub;
  const isMapped = issuer === NEW && claim !== undefined;
  return { userId: isMapped ? (claim as string).toLowerCase() : own, clientId };
}
