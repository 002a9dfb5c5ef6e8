import { once } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { isLoopback, listen } from '../../../../src/cli/commands/forward-auth/auth-server.js';
import { systemClock } from '../../../../src/clock.js';
import { FakeClock } from '../../../support/fake-clock.js';

const at = { host: '127.0.0.1', port: 0, clock: systemClock };

describe('the server', () => {
  it('takes a token of 16 KiB, and refuses headers without end', async () => {
    const server = await listen(at, (_req, res) => void res.end());
    const ask = (length: number) =>
      fetch(`http://127.0.0.1:${server.port}/`, { headers: { authorization: `Bearer ${'x'.repeat(length)}` } });
    expect((await ask(16 * 1024)).status).toBe(200);
    expect((await ask(80 * 1024)).status).toBe(431);
    await server.close();
  });

  it('sees every header, also the last of very many', async () => {
    const server = await listen(at, ({ rawHeaders }, res) => void res.end(`${rawHeaders.includes('Bearer second')}`));
    const headers = [...Array.from({ length: 3_000 }, () => ['X', 'a']), ['Authorization', 'Bearer second']].flat();
    const sent = request({ port: server.port, host: '127.0.0.1', headers: ['Host', 'a', ...headers], agent: false });
    const [res] = await once(sent.end(), 'response');
    expect(await text(res)).toBe('true');
    await server.close();
  });

  it('answers what is in flight before it ends, and closes connections that are kept', async () => {
    const waiting: ServerResponse[] = [];
    const server = await listen(at, (req, res) => void (req.url === '/wait' ? waiting.push(res) : res.end()));
    const address = `http://127.0.0.1:${server.port}`;
    await (await fetch(address)).text();
    const answered = fetch(`${address}/wait`);
    await expect.poll(() => waiting.length, { interval: 2 }).toBe(1);
    let isClosed = false;
    const closed = server.close().then(() => {
      isClosed = true;
    });
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    waiting[0]?.end('late');
    expect(await (await answered).text()).toBe('late');
    await closed;
    await expect(fetch(address)).rejects.toThrow();
  });

  it('lets connections that are not used linger, and then closes them', async () => {
    const clock = new FakeClock();
    const server = await listen({ ...at, clock }, (_req, res) => void res.end());
    const socket = createConnection(server.port, '127.0.0.1');
    let isOpen = true;
    const lost = once(socket, 'close').then(() => {
      isOpen = false;
    });
    const ask = async () => {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const [answer] = await once(socket, 'data');
      return `${answer}`.slice(0, 12);
    };
    expect(await ask()).toBe('HTTP/1.1 200');
    let isShut = false;
    const closed = server.close(1_000, () => {
      isShut = true;
    });
    expect(isShut).toBe(true);
    await clock.advance(900);
    expect([await ask(), isOpen]).toEqual(['HTTP/1.1 200', true]);
    await clock.advance(200);
    await lost;
    await clock.advance(100);
    await closed;
  });

  it('does not wait for ever for a request that is never answered', async () => {
    const clock = new FakeClock();
    const server = await listen({ ...at, clock }, () => {});
    const socket = createConnection(server.port, '127.0.0.1');
    const lost = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = server.close();
    await clock.advance(11_000);
    await closed;
    await lost;
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s', (host) => expect(isLoopback(host)).toBe(true));
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'example.com'])('not %s', (host) =>
    expect(isLoopback(host)).toBe(false),
  );
});
