import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../../../src/cli/commands/dashboard/loopback.js';

const open = async (port = 0) => {
  const server = await listenOnLoopback(port, (_request, response) => response.end('here'));
  onTestFinished(() => server.close());
  return server;
};

/** A port that another program has, on one address. */
async function taken(host: string): Promise<number> {
  const other = createServer().listen(0, host);
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void other.close());
  return (other.address() as AddressInfo).port;
}

const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
const hasIPv6 = addresses.some(({ address }) => address === '::1');
const foreign = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address;

describe('the port', () => {
  it.each([['127.0.0.1'], ...(hasIPv6 ? [['[::1]']] : [])])('is served on %s', async (host) => {
    const { port } = await open();
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('here');
  });

  it.skipIf(foreign === undefined)('is served on no other address of the machine', async () => {
    const { port } = await open();
    await expect(fetch(`http://${foreign}:${port}/`)).rejects.toThrow();
  });

  it.each([['127.0.0.1'], ...(hasIPv6 ? [['::1']] : [])])('must be free on %s too, if one is named', async (host) => {
    const port = await taken(host);
    await expect(open(port)).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      option: '--port',
      message: expect.stringContaining(`port ${port} is in use by another program`),
    });
  });

  it('ends every connection at once, even one that waits', async () => {
    const server = await listenOnLoopback(0, () => {});
    const waiting = fetch(`http://127.0.0.1:${server.port}/`);
    const ended = expect(waiting).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    server.close();
    await ended;
  });
});
