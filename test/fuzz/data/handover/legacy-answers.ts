import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signToken } from '../../../support/issuer.js';
import type { JudgedPool } from '../../../support/judges.js';
import { CANARY } from '../../canary.js';
import { changed, type JsonChange } from '../json-mutants.js';

export const NOW = Date.UTC(2026, 0, 15, 12);
export const CLIENT = 'newweb';
export const ANNA = '11111111-1111-4111-8111-111111111111';
export const EVE = '22222222-2222-4222-8222-222222222222';

/** Tokens of the legacy pool; whose they are, if they may be handed over. */
export interface Tokens {
  readonly texts: Readonly<Record<TokenKind, string>>;
  readonly good: ReadonlyMap<string, string>;
}

export const TOKEN_KINDS = [
  ...([
    'anna',
    'anna again',
    'eve',
    'expired',
    'id',
    'no scope',
    'no jti',
    'foreign',
    'tampered',
    'old',
    'future',
  ] as const),
  ...(['machine', 'text', 'empty'] as const),
] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

export function tokensOf(legacy: JudgedPool, other: JudgedPool): Tokens {
  const now = NOW / 1000;
  const sign = (sub: string, more: object = {}, pool = legacy) =>
    signToken(
      { alg: 'RS256', kid: pool.accessKey.kid },
      {
        ...{ sub, username: CANARY.email, iss: pool.issuers[0], client_id: pool.clientIds[0], token_use: 'access' },
        ...{
          iat: now,
          auth_time: now - 60,
          exp: now + 3600,
          jti: `jti-${sub}`,
          scope: 'aws.cognito.signin.user.admin',
        },
        ...more,
      },
      pool.accessKey,
    );
  const anna = sign(ANNA);
  const again = sign(ANNA, { jti: 'another' });
  const eve = sign(EVE);
  const texts: Tokens['texts'] = {
    anna,
    'anna again': again,
    eve,
    expired: sign(ANNA, { iat: now - 7200, auth_time: now - 7200, exp: now - 3600 }),
    id: sign(ANNA, { token_use: 'id', aud: legacy.clientIds[0] }),
    'no scope': sign(ANNA, { scope: 'openid' }),
    'no jti': sign(ANNA, { jti: undefined }),
    foreign: sign(ANNA, {}, other),
    tampered: `${anna.slice(0, -9)}AAAAAAAAA`,
    old: sign(ANNA, { auth_time: now - 90 * 86_400 }),
    future: sign(ANNA, { auth_time: now + 7200 }),
    machine: sign('machine', { sub: legacy.clientIds[0], username: undefined, auth_time: undefined }),
    text: CANARY.token,
    empty: '',
  };
  return {
    texts,
    good: new Map([
      [anna, ANNA],
      [again, ANNA],
      [eve, EVE],
    ]),
  };
}

/** What the legacy pool answers to GetUser. */
export type Answer =
  | { readonly how: 'honest' | 'refused' | 'gone' | 'fault' | 'html' | 'empty' | 'other' }
  | { readonly how: 'changed'; readonly change: JsonChange };

const error = (name: string) => ({ status: 400, body: JSON.stringify({ __type: name, message: CANARY.email }) });

/** The bytes of an answer about a token. */
function answered(answer: Answer, sub: string | undefined): { readonly status: number; readonly body: string } {
  if (sub === undefined || answer.how === 'refused') return error('NotAuthorizedException');
  if (answer.how === 'gone') return error('UserNotFoundException');
  if (answer.how === 'fault') return { status: 500, body: '{}' };
  if (answer.how === 'html') return { status: 200, body: `<html>${CANARY.email}` };
  if (answer.how === 'empty') return { status: 200, body: '' };
  const said = answer.how === 'other' ? (sub === ANNA ? EVE : ANNA) : sub;
  const honest = {
    Username: CANARY.email,
    UserAttributes: [
      { Name: 'sub', Value: said },
      { Name: 'email', Value: CANARY.email },
    ],
  };
  return {
    status: 200,
    body: JSON.stringify(answer.how === 'changed' ? changed(honest, answer.change) : honest) ?? '',
  };
}

/** Who owns the token, as the answer says it, read by hand; `unsure` where it may be read in several ways. */
export function ownerByHand(answer: Answer, sub: string): string | 'unsure' | undefined {
  if (answer.how === 'honest') return sub;
  if (answer.how !== 'changed') return answer.how === 'other' ? (sub === ANNA ? EVE : ANNA) : undefined;
  const { UserAttributes: list } = (jsonOf(answered(answer, sub).body) ?? {}) as { UserAttributes?: unknown };
  const subs = Array.isArray(list) ? list.filter((one) => one?.Name === 'sub').map((one) => one.Value) : [];
  if (subs.length === 0 || subs.every((one) => one !== sub)) return undefined;
  return 'unsure';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A legacy pool that answers GetUser, and nothing else, as it is told. */
export async function listenAsLegacyPool({ good }: Tokens) {
  let next: Answer = { how: 'honest' };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { AccessToken } = JSON.parse(Buffer.concat(chunks).toString()) as { AccessToken: string };
    const { status, body } = answered(next, good.get(AccessToken));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say: (answer: Answer) => {
      next = answer;
    },
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
