import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchJwks, fetchKeySet, MAX_JWKS_BYTES } from '../../src/verify/jwks-fetch.js';
import type { JwksFetch } from '../../src/verify/types.js';
import { issuerKey } from '../support/issuer.js';

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

  it('reads all that it accepts', async () => {
    const all = 'x'.repeat(65_536);
    const uri = await serve((_, response) => response.end(all));
    expect(await (await get(uri)).text()).toBe(all);
  });

  it('does not wait for the text of an answer that is an error', async () => {
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const uri = await serve((_, response) => {
      response.writeHead(500).write('{');
      response.once('close', ended);
    });
    expect((await get(uri)).status).toBe(500);
    await end;
  });

  it('speaks TLS to an https address', async () => {
    await expect(get('https://127.0.0.1:1/jwks.json')).rejects.toThrow('ECONNREFUSED');
  });

  it('does not ask again where the answer on a kept connection is not one', async () => {
    let asked = 0;
    const uri = await serve(({ socket }, response) => {
      asked += 1;
      if (asked === 1) response.end('keys');
      else socket.end('this is not HTTP\r\n\r\n');
    });
    expect(await (await get(uri)).text()).toBe('keys');
    await expect(get(uri)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
    expect(asked).toBe(2);
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

describe('fetchKeySet', () => {
  const uri = 'https://keys.example.com/jwks.json?secret';
  const jwks = JSON.stringify({ keys: [issuerKey('first').jwk] });
  const fetching = (text: () => unknown, status = 200, ending = new AbortController().signal) => {
    const fetch = (async () => ({ status, text: async () => text() })) as unknown as JwksFetch;
    return fetchKeySet(uri, { fetch, timeoutMs: 1_000, ending });
  };

  it('asks for JSON, and for no other address', async () => {
    const asked: unknown[] = [];
    const fetch: JwksFetch = async (...request) => {
      asked.push(request);
      return { status: 200, text: async () => jwks };
    };
    await fetchKeySet(uri, { fetch, timeoutMs: 1_000, ending: new AbortController().signal });
    const headers = { accept: 'application/json' };
    expect(asked).toEqual([[uri, { signal: expect.any(AbortSignal), redirect: 'error', headers }]]);
  });

  it('takes a text of 64 KiB, and none that is longer', async () => {
    expect([...(await fetching(() => jwks.padEnd(65_536))).keys()]).toEqual(['first']);
    const tooLong = fetching(() => jwks.padEnd(65_537));
    await expect(tooLong).rejects.toMatchObject({
      message: expect.stringContaining('https://keys.example.com/jwks.json answered with something that is not'),
      cause: { message: expect.stringContaining('at most 65536 characters') },
    });
  });

  it.each([
    ['no text', () => ({ length: 5 }), 'not a text'],
    ['no JSON', () => '<html>', 'JSON'],
    ['no keys', () => '{}', 'keys'],
  ])('refuses %s, with the cause', async (_, text, cause) => {
    await expect(fetching(text)).rejects.toMatchObject({
      message: expect.stringContaining('not a usable key set'),
      cause: { message: expect.stringContaining(cause) },
    });
  });

  it('does not read the text of another status', async () => {
    await expect(fetching(() => expect.fail(), 404)).rejects.toThrow('answered 404. Does this pool exist?');
  });

  it('tells that a fetch failed, and why; the reason of an ending is thrown as it is', async () => {
    const failed = fetching(() => {
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    });
    await expect(failed).rejects.toThrow('could not be reached (ECONNREFUSED). Is outbound HTTPS allowed');
    const closed = new Error('closed');
    await expect(fetching(() => new Promise(() => {}), 200, AbortSignal.abort(closed))).rejects.toBe(closed);
  });
});
