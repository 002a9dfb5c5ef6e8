import { Agent, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CutoverError, type CutoverVerifier, createCutoverVerifier } from '../../src/index.js';
import { createTestPools, type TestPerson, type TestPools } from '../../src/testing/index.js';
import { amount } from '../support/amount.js';

const REQUESTS = amount(1_000, 4_000);
const PEOPLE = REQUESTS / 4;
const AT_A_TIME = 50;

let pools: TestPools;
let verifier: CutoverVerifier;
let server: Server;
let people: TestPerson[];
/** New `sub`s whose legacy id only the resolver knows. */
const resolvable = new Map<string, string>();
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });

beforeAll(async () => {
  pools = await createTestPools();
  verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    // Smaller than the number of tokens, so that entries come and go all the while.
    cache: { maxTokens: REQUESTS / 8 },
    // However slow the machine is, no limit of time ends a fetch or a lookup, and no cooldown is over.
    keys: { timeoutMs: 60_000, cooldownSeconds: 3_600 },
    legacyId: {
      resolveTimeoutMs: 60_000,
      resolve: async ({ sub }) => {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        return resolvable.get(sub);
      },
    },
  });
  people = Array.from({ length: PEOPLE }, (_, number) => pools.person({ username: `user-${number}` }));
  for (const person of people.filter((_, number) => number % 2 === 0)) resolvable.set(person.new.sub, person.userId);
  const app = express();
  app.get('/me', async (req: Request, res: Response) => {
    const identity = await verifier.verify(String(req.headers.authorization).replace(/^Bearer /, ''));
    res.json({ userId: identity.userId, pool: identity.pool, sub: identity.sub });
  });
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    const isOurs = error instanceof CutoverError;
    res.status(isOurs ? error.status : 500).json({ code: isOurs ? error.code : String(error) });
  });
  server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
});

afterAll(async () => {
  agent.destroy();
  await new Promise((resolve) => server.close(resolve));
  verifier.close();
  await pools.close();
});

interface Case {
  readonly token: string;
  readonly expected: readonly [status: number, body: object];
}

const refusal = (status: number, code: string) => [status, { code }] as const;

/** What a person may send, each with the answer that is theirs alone. */
const cases: readonly ((person: TestPerson) => Case)[] = [
  ({ legacy, userId }) => ({ token: legacy.idToken(), expected: [200, { userId, pool: 'legacy', sub: legacy.sub }] }),
  ({ legacy, userId }) => ({
    token: legacy.accessToken(),
    expected: [200, { userId, pool: 'legacy', sub: legacy.sub }],
  }),
  ({ new: user, userId }) => ({ token: user.idToken(), expected: [200, { userId, pool: 'new', sub: user.sub }] }),
  ({ new: user, userId }) => ({ token: user.accessToken(), expected: [200, { userId, pool: 'new', sub: user.sub }] }),
  ({ new: user, userId }) => ({
    token: user.accessToken({ legacy_sub: undefined }),
    expected: resolvable.has(user.sub)
      ? [200, { userId, pool: 'new', sub: user.sub }]
      : refusal(403, 'ERR_LEGACY_ID_MISSING'),
  }),
  ({ legacy }) => {
    const [header, payload] = legacy.accessToken().split('.');
    const [, , stolen] = people[0]!.legacy.accessToken().split('.');
    return { token: `${header}.${payload}.${stolen}`, expected: refusal(401, 'ERR_SIGNATURE_INVALID') };
  },
  ({ legacy }) => ({ token: legacy.accessToken({ exp: 1 }), expected: refusal(401, 'ERR_TOKEN_EXPIRED') }),
  ({ new: user }) => ({
    token: user.idToken({ iss: pools.legacyPool.issuer }),
    expected: refusal(401, 'ERR_KEY_NOT_FOUND'),
  }),
  ({ legacy }) => ({ token: legacy.idToken().slice(0, -343), expected: refusal(401, 'ERR_TOKEN_MALFORMED') }),
];

function get(token: string): Promise<[number, object]> {
  const { port } = server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    request({ agent, headers, host: '127.0.0.1', path: '/me', port }, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, JSON.parse(body)]));
    })
      .on('error', reject)
      .end();
  });
}

it(`${REQUESTS} requests, ${AT_A_TIME} at a time, of ${PEOPLE} people: everybody gets their own answer`, {
  timeout: 120_000,
}, async () => {
  const wanted = Array.from({ length: REQUESTS / 2 }, (_, n) => cases[n % cases.length]!(people[(n * 7) % PEOPLE]!));
  const faults: string[] = [];
  const counts = new Map<number, number>();
  let next = 0;
  const client = async () => {
    for (let number = next++; number < REQUESTS; number = next++) {
      // Everything is sent twice, the second time a little later: the cache answers half of it.
      const at = Math.floor(number / 2) - (number % 2 === 0 ? 0 : 20);
      const { token, expected } = wanted.at(at)!;
      const got = await get(token);
      counts.set(got[0], (counts.get(got[0]) ?? 0) + 1);
      if (JSON.stringify(got) !== JSON.stringify(expected)) {
        faults.push(`${number}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));
  expect(faults).toEqual([]);
  for (const status of [200, 401, 403]) expect(counts.get(status)).toBeGreaterThan(REQUESTS / 40);
  // One fetch each for the keys; the new pool's kids under the legacy issuer may cost one more.
  expect(pools.newPool.fetches).toBe(1);
  expect(pools.legacyPool.fetches).toBeLessThanOrEqual(2);
});
