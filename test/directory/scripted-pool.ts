import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface ReceivedCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

/** A pool's endpoint for one test, whose answers the test writes: for those that no well-behaved pool gives. */
export async function scriptedPool(
  answer: (call: ReceivedCall) => object | { readonly status: number; readonly body: object } | undefined,
): Promise<{ readonly endpoint: string; readonly calls: readonly ReceivedCall[] }> {
  const calls: ReceivedCall[] = [];
  const server = createServer(async (req, res) => {
    const operation = `${req.headers['x-amz-target']}`.split('.')[1] ?? '';
    const call = { operation, input: JSON.parse(await text(req)), headers: req.headers };
    calls.push(call);
    const answered = answer(call);
    if (answered === undefined) return;
    const { status, body } = 'status' in answered ? answered : { status: 200, body: answered };
    res.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

export const exception = (__type: string, message = 'x') => ({ status: 400, body: { __type, message } });
