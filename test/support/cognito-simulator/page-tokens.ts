import { invalidParameter } from './errors.js';

/** Where a listing stands: its next position, and where the page before began. */
export interface Place {
  position: number;
  previous?: number | undefined;
}

interface Content extends Place {
  scope: string;
  issuedAt: number;
}

/** An opaque token that leads on in one listing: bound to its pool and filter (`scope`), good for a while. */
export function issueToken(scope: string, place: Place, now: number): string {
  const content: Content = { scope, ...place, issuedAt: now };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Where the token leads. @throws InvalidParameterException for a token of another listing, or an old one. */
export function readToken(token: string, scope: string, now: number, lifetimeMs = Number.POSITIVE_INFINITY): Place {
  const content = parse(token);
  if (content === undefined || content.scope !== scope || content.issuedAt + lifetimeMs < now) {
    throw invalidParameter('Invalid pagination token');
  }
  return content;
}

function parse(token: string): Content | undefined {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** A page of a short list, for everything but users. */
export function pageOf<T>(
  all: readonly T[],
  { limit, token, scope, now }: { limit: number; token: string | undefined; scope: string; now: number },
): { items: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : readToken(token, scope, now).position;
  const end = start + limit;
  return {
    items: all.slice(start, end),
    next: end < all.length ? issueToken(scope, { position: end }, now) : undefined,
  };
}
