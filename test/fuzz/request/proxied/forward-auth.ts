import type { RequestListener, ServerResponse } from 'node:http';
import { listen } from '../../../../src/cli/commands/forward-auth/auth-server.js';
import { openService } from '../../../../src/cli/commands/forward-auth/service.js';
import { systemClock } from '../../../../src/clock.js';
import { signToken } from '../../../support/issuer.js';
import { type JudgedPool, judgedPools } from '../../../support/judges.js';
import { assertNoCanary, CANARY } from '../../canary.js';
import { fuzzTarget } from '../../fuzz-target.js';
import type { Wire } from '../raw-requests.js';
import { ensure, overhear } from '../refusals.js';
import { bytesOf, exchange } from '../sockets.js';
import { answersIn, type HttpAnswer, valueIn } from './http-answers.js';
import {
  answerTo,
  type Decision,
  decisionAbout,
  hasSeveral,
  type Manner,
  type Person,
  type Read,
} from './identity-headers.js';
import { type Input, input, MANNERS } from './proxied-requests.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const SECONDS = NOW / 1000;
/** Statuses with which Node itself ends a connection that it cannot read. */
const OF_NODE = new Set([400, 408, 413, 417, 431, 501, 505]);
/** What else an answer may have. */
const OTHERS = ['cache-control', 'content-type', 'content-length', 'date', 'connection', 'keep-alive', 'x-number'];
const OF_NODES = ['date', 'connection', 'keep-alive', 'transfer-encoding'];
const REFUSED = [...OTHERS, 'www-authenticate'];

function tokenOf({ side, use, sub, legacyId, client, scope, groups, hasName }: Person, pools: readonly JudgedPool[]) {
  const pool = pools[side === 'legacy' ? 0 : 1] as JudgedPool;
  const payload = {
    ...{ iss: pool.issuers[0], sub, token_use: use, iat: SECONDS, auth_time: SECONDS, exp: SECONDS + 60 },
    ...(use === 'id' ? { aud: client } : { client_id: client }),
    ...(hasName && { [use === 'id' ? 'cognito:username' : 'username']: 'a name' }),
    // In a token of the legacy pool it must mean nothing.
    [use === 'id' ? 'custom:legacy_sub' : 'legacy_sub']: legacyId,
    ...{ scope, 'cognito:groups': groups, email: CANARY.email },
  };
  return signToken({ alg: 'RS256', kid: pool.idKey.kid }, payload, pool.idKey);
}

/** What may stand between the socket and the service: nothing, but for tests of this target. */
type Around = (listener: RequestListener) => RequestListener;

interface Request extends Read {
  readonly method: string;
  readonly res: ServerResponse;
  /** An answer before it on its connection was to be the last one. */
  readonly isAfterEnd: boolean;
}

interface Served {
  readonly port: number;
  /** Of each request that Node could read, by the number that its answer has. */
  readonly read: Map<string, Request>;
  close(): Promise<void>;
}

/** The command as it runs, without its process. */
async function serve(manner: Manner, pools: readonly JudgedPool[], notes: string[], around: Around): Promise<Served> {
  const clock = { now: () => NOW, monotonic: () => 0, sleep: systemClock.sleep };
  const [legacy, newPool] = pools.map(({ options: { userPoolId, jwks } }) => {
    return { userPoolId, verified: { clientIds: null, jwks } };
  });
  const settings = {
    ...{ legacyPool: [legacy], newPool, tokenUse: 'any', legacyId: { format: null, resolve: [] } },
    ...(manner === 'optional' && { credentialsRequired: false }),
    ...(manner === 'observe' && { mode: 'observe' }),
  };
  const screen = { note: (line: string) => void notes.push(line) };
  const service = await openService(settings as never, { clock, screen } as never);
  const read: Served['read'] = new Map();
  const ended = new WeakSet<object>();
  const listener = around(service.endpoints.listener);
  const server = await listen({ host: '127.0.0.1', port: 0, clock }, (req, res) => {
    const number = `${read.size}`;
    const { url = '', method = '', socket } = req;
    read.set(number, { url, method, rawHeaders: [...req.rawHeaders], res, isAfterEnd: ended.has(socket) });
    res.setHeader('X-Number', number);
    listener(req, res);
    if (res.getHeader('connection') === 'close') ended.add(socket);
  });
  return {
    port: server.port,
    read,
    async close() {
      await server.close();
      await service.close();
    },
  };
}

function checkAnswer(answer: HttpAnswer, wanted: Decision, about: string): void {
  const { status, headers, body } = answer;
  ensure(status === wanted.status, `another status. ${about}`);
  const identity = headers.filter(([name]) => name.startsWith('x-auth-'));
  const strange = headers.filter(([name]) => !name.startsWith('x-auth-') && !REFUSED.includes(name));
  ensure(strange.length === 0, `headers of nowhere. ${about}`);
  if ('headers' in wanted) {
    ensure(identity.length === 7, `not the seven headers. ${about}`);
    for (const [name, value] of Object.entries(wanted.headers)) {
      ensure(valueIn(answer, name) === value, `another identity. ${about}`);
    }
    return;
  }
  ensure(identity.length === 0, `an identity with a refusal. ${about}`);
  ensure((valueIn(answer, 'www-authenticate') !== undefined) === status < 404, `a wrong challenge. ${about}`);
  const isRead = wanted.code !== '' && body !== '';
  if (isRead) ensure((JSON.parse(body) as { code: unknown }).code === wanted.code, `another code. ${about}`);
}

export const forwardAuthOn = (around: Around) =>
  fuzzTarget<Input>({
    name: 'forward-auth',
    boundary: 'what proxies and strangers send to cognito-cutover forward-auth',
    async start() {
      const pools = judgedPools();
      const log = overhear();
      const notes: string[] = [];
      const services = new Map<Manner, Served>();
      for (const manner of MANNERS) services.set(manner, await serve(manner, pools, notes, around));
      return {
        input,
        count: ({ wire }) => wire.requests.length,
        async check({ manner, people, wire }) {
          const { port, read } = services.get(manner) as Served;
          notes.length = 0;
          read.clear();
          const tokens = people.map((one) => tokenOf(one, pools));
          const known = new Map(people.map((one, at) => [tokens[at] as string, decisionAbout(one)]));
          const complete = (given: string) => given.replace(/<([01])>/g, (_, at) => tokens[at] ?? '');
          const ask = async (bytes: Buffer, leaves: Wire['leaves']) => {
            const methodOf = (answer: HttpAnswer) => read.get(valueIn(answer, 'x-number') ?? '')?.method;
            const answers = answersIn(await exchange(port, bytes, leaves), (answer) => methodOf(answer) === 'HEAD');
            for (const answer of answers) {
              const request = read.get(valueIn(answer, 'x-number') ?? '');
              const { url, rawHeaders } = request ?? {};
              const about = JSON.stringify({ manner, people, url, rawHeaders, answer });
              if (answer.status !== 200) assertNoCanary('an answer', JSON.stringify(answer));
              if (request !== undefined) checkAnswer(answer, answerTo(request, manner, known), about);
              else
                ensure(
                  OF_NODE.has(answer.status) && answer.headers.every(([name]) => OF_NODES.includes(name)),
                  `an answer of nowhere. ${about}`,
                );
            }
            // What comes after a request with a body is a part of it, perhaps, and is not answered.
            const silent = [...read.values()].filter(({ res, isAfterEnd }) => !res.writableEnded && !isAfterEnd);
            ensure(silent.length === 0, `requests without an answer: ${JSON.stringify(silent.map(({ url }) => url))}`);
            return answers;
          };
          const answers = await ask(bytesOf(wire, complete), wire.leaves);
          const [only = '', ...others] = wire.requests;
          const [user] = answers.map((answer) => valueIn(answer, 'x-auth-user-id') ?? '');
          ensure(others.length > 0 || !user || !hasSeveral(only), 'a request with several tokens came through');
          const good = `GET /auth HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer <0>\r\n\r\n`;
          const [next] = await ask(Buffer.from(complete(good)), 'ends');
          ensure(next !== undefined, 'the next request is not answered');
          const [metrics] = await ask(Buffer.from('GET /metrics HTTP/1.0\r\n\r\n'), 'ends');
          assertNoCanary('the metrics', metrics?.body);
          assertNoCanary('the notes', notes);
          log.check();
        },
        async close() {
          log.close();
          for (const service of services.values()) await service.close();
        },
      };
    },
  });

export const forwardAuth = forwardAuthOn((listener) => listener);
