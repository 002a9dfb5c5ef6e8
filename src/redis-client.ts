import { refuse } from './options.js';

type Argument = string | Buffer;

/** A connected client of node-redis (4 or later). */
export interface NodeRedisLike {
  sendCommand(args: Argument[], options?: never): Promise<unknown>;
}

/** A connected client of ioredis, of a cluster too. */
export interface IoRedisLike {
  callBuffer(command: string, ...args: Argument[]): Promise<unknown>;
}

/** Strings come back as bytes: sketches are none that UTF-8 could hold. */
export type RedisCommand = (...args: [string, ...Argument[]]) => Promise<unknown>;

/** What node-redis needs to answer bytes: 4 the first, 5 and later the second, where 36 stands for RESP's bulk string. */
const AS_BYTES = { returnBuffers: true, typeMapping: { 36: Buffer } };

/** @throws `ConfigurationError` for what is no client */
export function redisCommands(client: NodeRedisLike | IoRedisLike): RedisCommand {
  if (typeof client === 'object' && client !== null && 'masters' in client) {
    refuse('client', 'a client of one server', client, "For a cluster, give ioredis's Cluster.");
  }
  const { callBuffer, sendCommand } = (client ?? {}) as Partial<NodeRedisLike & IoRedisLike>;
  if (typeof callBuffer === 'function') return async (command, ...args) => callBuffer.call(client, command, ...args);
  if (typeof sendCommand === 'function') return async (...args) => sendCommand.call(client, args, AS_BYTES as never);
  return refuse('client', 'a connected client of node-redis or ioredis', client);
}

/** Strings of a reply; none where there is no list. */
export const stringsOf = (reply: unknown): string[] =>
  // RESP3 may answer a set.
  reply !== null && typeof reply === 'object' && Symbol.iterator in reply
    ? [...(reply as Iterable<unknown>)].map(String)
    : [];
