import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { waitWhile } from '../../../src/cli/run-control/wait-while.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/busy`;
}

describe('the address given with --wait-while', () => {
  it.each([200, 204, 299])('lets write with %d', async (status) => {
    const url = await served((_, response) => response.writeHead(status).end());
    expect(await waitWhile(url)()).toBeUndefined();
  });

  it.each([304, 404, 429, 500, 503])('holds with %d, and tells neither credentials nor query', async (status) => {
    const url = await served((_, response) => response.writeHead(status).end('text'));
    expect(await waitWhile(`${url}?token=secret`)()).toBe(`${url} answers ${status}`);
  });

  it('sends the credentials of the address as a header, which no redirect takes along', async () => {
    let authorization: string | undefined;
    const url = await served((request, response) => {
      ({ authorization } = request.headers);
      response.end();
    });
    expect(await waitWhile(url.replace('http://', 'http://ops:s%40cret@'))()).toBeUndefined();
    expect(authorization).toBe(`Basic ${Buffer.from('ops:s@cret').toString('base64')}`);
    await waitWhile(url)();
    expect(authorization).toBeUndefined();
  });

  it('holds with a redirect, and does not follow it', async () => {
    let asked = 0;
    const url = await served((request, response) => {
      asked += 1;
      if (request.url === '/busy') response.writeHead(302, { location: '/other' }).end();
      else response.end();
    });
    expect(await waitWhile(url)()).toBe(`${url} answers 302`);
    expect(asked).toBe(1);
  });

  it('holds where nobody answers, or too late', async () => {
    const late = await served(() => {});
    expect(await waitWhile(late, 50)()).toBe(`${late} does not answer within 0.05 s`);
    expect(await waitWhile('http://127.0.0.1:1/')()).toBe('http://127.0.0.1:1/ cannot be reached');
  });
});
