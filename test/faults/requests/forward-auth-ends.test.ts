import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { listen } from '../../../src/cli/commands/forward-auth/auth-server.js';
import { createEndpoints } from '../../../src/cli/commands/forward-auth/endpoints.js';
import { FakeClock } from '../../support/fake-clock.js';
import { fault } from '../fault.js';

const CONNECTIONS = 30;

fault(
  'forward-auth ends under load, behind a proxy that does not look at /readyz',
  'requests on connections that are kept are answered, the last one of each with `Connection: close`; none is reset',
  async ({ onTestFinished }) => {
    const clock = new FakeClock();
    const endpoints = createEndpoints({
      decide: async (_req, res) => {
        await turn();
        res.writeHead(200).end();
      },
      check: async () => ({ ready: true }),
      metrics: () => '',
    });
    const server = await listen({ host: '127.0.0.1', port: 0, clock }, endpoints.listener);
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    onTestFinished(() => agent.destroy());
    const outcomes = new Map<string, number>();
    let answered = 0;
    const ask = async (): Promise<string> => {
      const sent = request({ agent, host: '127.0.0.1', port: server.port, path: '/auth' });
      const outcome = once(sent, 'response').then(
        ([response]: IncomingMessage[]) => {
          response!.resume();
          answered += 1;
          return once(response!, 'end').then(() => `${response!.statusCode} ${response!.headers.connection}`);
        },
        ({ code }: NodeJS.ErrnoException) => `${code}`,
      );
      sent.end();
      return outcome;
    };
    const client = async () => {
      for (let last = ''; last !== 'ECONNREFUSED'; ) {
        last = await ask();
        outcomes.set(last, (outcomes.get(last) ?? 0) + 1);
      }
    };
    const clients = Promise.all(Array.from({ length: CONNECTIONS }, client));
    await expect.poll(() => answered, { interval: 2 }).toBeGreaterThan(10 * CONNECTIONS);
    endpoints.end();
    const before = answered;
    await expect.poll(() => answered, { interval: 2 }).toBeGreaterThan(before + 10 * CONNECTIONS);
    expect(outcomes.get('200 close')).toBeUndefined();
    const closed = server.close(1_000, () => endpoints.closeConnections());
    await clients;
    expect([...outcomes.keys()].sort()).toEqual(['200 close', '200 keep-alive', 'ECONNREFUSED']);
    expect([outcomes.get('200 close'), outcomes.get('ECONNREFUSED')]).toEqual([CONNECTIONS, CONNECTIONS]);
    await clock.advance(1_100);
    await closed;
  },
);
