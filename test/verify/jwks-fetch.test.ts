import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchJwks, MAX_JWKS_BYTES } from '../../src/verify/jwks-fetch.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
}

const get = (uri: string, signal = new AbortController().signal) =>
  fetchJwks(uri, { signal, redirect: 'error', headers: { accept: 'application/json' } });

describe('fetchJwks', () => {
  it('answers status and text', async () => {
    const uri = await serve((request, response) => response.end(`${request.url} ${request.headers.accept}`));
    const response = await get(uri);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('/jwks.json application/json');
  });

  it('does not follow a redirect', async () => {
    const asked: (string | undefined)[] = [];
    const uri = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await get(uri)).status).toBe(302);
    expect(asked).toEqual(['/jwks.json']);
  });

  it('reads no more than it accepts', async () => {
    const uri = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    await expect((await get(uri)).text()).rejects.toThrow(`${MAX_JWKS_BYTES} bytes`);
  });

  it('asks again where the connection that was kept alive turns out to be closed', async () => {
    const asked = new Map<unknown, number>();
    const uri = await serve(({ socket }, response) => {
      asked.set(socket, (asked.get(socket) ?? 0) + 1);
      if (asked.get(socket) === 2) socket.resetAndDestroy();
      else response.end('keys');
    });
    for (let time = 0; time < 2; time += 1) expect(await (await get(uri)).text()).toBe('keys');
    expect([...asked.values()]).toEqual([2, 1]);
  });

  it('does not ask again where a new connection is reset', async () => {
    let asked = 0;
    const uri = await serve(({ socket }) => {
      asked += 1;
      socket.resetAndDestroy();
    });
    await expect(get(uri)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(asked).toBe(1);
  });

  it('stops when told to, before and after the first byte', async () => {
    const silent = await serve(() => {});
    const early = new AbortController();
    const waiting = get(silent, early.signal);
    early.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();

    const half = await serve((_, response) => response.write('{'));
    const late = new AbortController();
    const text = (await get(half, late.signal)).text();
    late.abort(new Error('enough'));
    await expect(text).rejects.toThrow();
  });

  it('rejects where nobody listens', async () => {
    await expect(get('http://127.0.0.1:1/jwks.json')).rejects.toThrow('ECONNREFUSED');
  });
});
