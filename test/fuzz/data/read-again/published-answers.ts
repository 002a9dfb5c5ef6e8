import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { SUBS } from './published-files.js';

/** What a user may turn out to be. `none`: nothing is published of them. */
export interface Meant {
  readonly ids: readonly string[];
  readonly none: boolean;
  readonly unavailable: boolean;
}

const only = (id: string): Meant => ({ ids: [id], none: false, unavailable: false });
const orFailure = (id: string): Meant => ({ ids: [id], none: false, unavailable: true });
const NONE: Meant = { ids: [], none: true, unavailable: false };
const NONE_OR_FAILURE: Meant = { ids: [], none: true, unavailable: true };
const FAILURE: Meant = { ids: [], none: false, unavailable: true };

const idOf = (user: number): string => `${user}`.repeat(8).concat('-2222-4222-8222-', `${user}`.repeat(12));
const HUGE = 'h'.repeat(300_000);

/** A server's answer about a user. `cut` breaks the connection behind it. */
export interface Reply {
  readonly what: string;
  readonly meant: Meant;
  readonly cut?: true;
}

interface RedisReply extends Reply {
  readonly wire: string;
}
interface DynamoDbReply extends Reply {
  readonly body: string;
  readonly status?: number;
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** What Redis, or a proxy in its place, may say to `GET`. */
export const REDIS: readonly ((user: number) => RedisReply)[] = [
  (user) => ({ what: 'own', wire: bulk(idOf(user)), meant: only(idOf(user)) }),
  (user) => ({ what: 'own', wire: bulk(idOf(user)), meant: only(idOf(user)) }),
  (user) => ({ what: 'text', wire: bulk(`ö ${user}\r\n`), meant: only(`ö ${user}\r\n`) }),
  (user) => ({ what: 'huge', wire: bulk(`${user}${HUGE}`), meant: only(`${user}${HUGE}`) }),
  () => ({ what: 'none', wire: '$-1\r\n', meant: NONE }),
  () => ({ what: 'no list', wire: '*-1\r\n', meant: NONE_OR_FAILURE }),
  () => ({ what: 'empty', wire: bulk(''), meant: FAILURE }),
  () => ({ what: 'number', wire: ':5\r\n', meant: FAILURE }),
  (user) => ({ what: 'list', wire: `*1\r\n${bulk(idOf(user))}`, meant: FAILURE }),
  () => ({ what: 'empty list', wire: '*0\r\n', meant: FAILURE }),
  ...[
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'LOADING Redis is loading the dataset in memory',
    'NOAUTH Authentication required.',
    'ERR unknown command',
  ].map((error) => () => ({ what: error, wire: `-${error}\r\n`, meant: FAILURE })),
  (user) => ({ what: 'half', wire: `$36\r\n${idOf(user).slice(0, 9)}`, meant: FAILURE, cut: true as const }),
  () => ({ what: 'gone', wire: '', meant: FAILURE, cut: true as const }),
];

const item = (user: number, more: object): string =>
  JSON.stringify({ Item: { newSub: { S: SUBS[user] }, legacyId: { S: idOf(user) }, ...more } });
const exception = (name: string): string => JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}` });
const WRONG_TYPES: readonly object[] = [
  ...[{ N: '1' }, { B: 'YWJj' }, { SS: ['x'] }, { L: [] }, { M: { S: { S: 'x' } } }, { NULL: true }, { BOOL: true }],
  ...[{ S: '' }, { S: null }, {}, { s: 'x' }],
];

/** What DynamoDB, or an emulator or proxy in its place, may say to `GetItem`. */
export const DYNAMODB: readonly ((user: number) => DynamoDbReply)[] = [
  (user) => ({ what: 'own', body: item(user, {}), meant: only(idOf(user)) }),
  (user) => ({ what: 'own', body: item(user, {}), meant: only(idOf(user)) }),
  (user) => ({
    what: 'other attributes',
    body: item(user, { x: { M: { legacyId: { S: 'x' } } }, n: { N: '1' } }),
    meant: only(idOf(user)),
  }),
  (user) => ({ what: 'huge', body: item(user, { more: { S: HUGE } }), meant: only(idOf(user)) }),
  (user) => ({
    what: 'two types',
    body: item(user, { legacyId: { S: idOf(user), N: '1' } }),
    meant: orFailure(idOf(user)),
  }),
  () => ({ what: 'none', body: '{}', meant: NONE }),
  // The SDK does not tell it from an answer without an item.
  () => ({ what: 'null', body: '{"Item":null}', meant: NONE_OR_FAILURE }),
  () => ({ what: 'nothing', body: '', meant: FAILURE }),
  () => ({ what: 'an item without anything', body: '{"Item":{}}', meant: FAILURE }),
  (user) => ({ what: 'no legacy id', body: item(user, { legacyId: undefined }), meant: FAILURE }),
  ...WRONG_TYPES.map((legacyId) => (user: number) => ({
    ...{ what: JSON.stringify(legacyId), body: item(user, { legacyId }), meant: FAILURE },
  })),
  (user) => ({ what: 'the item of another', body: item((user + 1) % SUBS.length, {}), meant: FAILURE }),
  (user) => ({ what: 'half', body: item(user, {}).slice(0, -9), meant: FAILURE }),
  (user) => ({ what: 'cut', body: item(user, {}), meant: FAILURE, cut: true as const }),
  () => ({ what: 'HTML', body: '<html>', meant: FAILURE }),
  () => ({ what: 'HTML of a gateway', body: '<html>', status: 502, meant: FAILURE }),
  ...['ResourceNotFoundException', 'ProvisionedThroughputExceededException', 'AccessDeniedException'].map(
    (name) => () => ({
      ...{ what: name, body: exception(name), status: 400, meant: FAILURE },
    }),
  ),
  () => ({ what: 'a fault', body: exception('InternalServerError'), status: 500, meant: FAILURE }),
];

/** Which of the answers each user gets. */
export const answersOf = (known: readonly unknown[]): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.nat(known.length - 1), { minLength: SUBS.length, maxLength: SUBS.length });

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A Redis that says to `GET` what it is told, and `OK` to everything else. */
export async function listenAsRedis(answer: (sub: string) => RedisReply) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      rest += chunk;
      for (let command = take(); command !== undefined; command = take()) {
        const [name = '', key = ''] = command;
        const reply = name.toUpperCase() === 'GET' ? answer(key) : undefined;
        socket.write(reply?.wire ?? '+OK\r\n');
        if (reply?.cut === true) socket.destroySoon();
      }
    });
    /** The next command, if it is all there. None of its parts has a line break. */
    function take(): string[] | undefined {
      const count = Number(/^\*(\d+)\r\n/.exec(rest)?.[1] ?? Number.NaN);
      const lines = rest.split('\r\n');
      if (!(lines.length > 2 * count + 1)) return undefined;
      rest = lines.slice(2 * count + 1).join('\r\n');
      return lines.slice(1, 2 * count + 1).filter((_, at) => at % 2 === 1);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    close(): void {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A DynamoDB that says to `GetItem` what it is told. */
export async function listenAsDynamoDb(answer: (sub: string) => DynamoDbReply) {
  const server = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Key } = JSON.parse(Buffer.concat(chunks).toString()) as { Key: { newSub: { S: string } } };
    const { body, status = 200, cut } = answer(Key.newSub.S);
    const length = Buffer.byteLength(body) + (cut === true ? 100 : 0);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': length });
    if (cut === true) response.write(body, () => request.socket.destroy());
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
