import type { RequestListener } from 'node:http';
import { expect, type TestContext } from 'vitest';
import { fetchJwks } from '../../../src/verify/jwks-fetch.js';
import { startTimeline } from '../../support/key-timeline.js';
import { verdict } from '../../support/outcome.js';
import { fault } from '../fault.js';
import { changing, serveForTest, serveSelfSigned } from './broken-servers.js';

const UNAVAILABLE = 'ERR_KEYS_UNAVAILABLE';
const HOUR = 3_600_000;
/** Longer than any good answer takes, on a busy machine too. */
const TIMEOUT_MS = 1_000;

/**
 * A service that starts during the fault, one that has its keys before, and the end of the fault, over real sockets: 503, then served,
 * then stale keys, then fresh ones.
 */
async function throughout(context: TestContext, broken: RequestListener, reason: RegExp, serve = serveForTest) {
  const conduct = changing(broken);
  const uri = await serve(conduct.listener);
  const timeline = await startTimeline(context, {
    timeoutMs: TIMEOUT_MS,
    fetch: (_uri, init) => fetchJwks(uri, init),
  });
  const { clock, endpoint, otherEndpoint, verifier, token, keys, keyEvents } = timeline;
  // One address serves the keys of both pools.
  const both = JSON.stringify({ keys: [endpoint, otherEndpoint].flatMap(({ body }) => JSON.parse(body).keys) });
  const good: RequestListener = (_request, response) => void response.end(both);

  const error = await verifier.verify(token()).catch((refusal) => refusal);
  expect(error).toMatchObject({ code: UNAVAILABLE, status: 503, retryAfterSeconds: expect.any(Number) });
  expect(error.cause.message).toMatch(reason);
  if (serve !== serveForTest) return;

  conduct.use(good);
  await clock.advance(2_000);
  expect(await verdict(verifier, token())).toBe('accepted');
  conduct.use(broken);
  await clock.advance(2 * HOUR);
  expect(await verdict(verifier, token())).toBe('accepted');
  await expect.poll(keyEvents).toEqual(['failed', 'refreshed', 'failed']);
  expect(keys().keys).toBe('stale');
  conduct.use(good);
  await clock.advance(2_000);
  expect(await verdict(verifier, token())).toBe('accepted');
  await expect.poll(() => keys().keys).toBe('fresh');
}

fault(
  'the key endpoint sends one byte at a time',
  'at start 503 once the time limit is over; with keys nobody waits, and the keys are fresh again afterwards',
  (context) =>
    throughout(
      context,
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(timer));
      },
      /1000 ms/,
    ),
);

fault(
  'the key endpoint sends headers and nothing more',
  'the time limit covers the body too: as for one byte at a time',
  (context) => throughout(context, (_request, response) => response.flushHeaders(), /1000 ms/),
);

fault('the key endpoint accepts the connection and never answers', 'as for one byte at a time', (context) =>
  throughout(context, () => {}, /1000 ms/),
);

fault(
  'the key endpoint resets the connection in the middle of its answer',
  'half a key set is never used: 503 at start, stale keys later',
  (context) =>
    throughout(
      context,
      (_request, response) => {
        response.writeHead(200, { 'Content-Length': 5_000 });
        response.write('{"keys":[', () => setTimeout(() => response.socket?.resetAndDestroy(), 10));
      },
      /ECONNRESET|aborted/,
    ),
);

fault('the key endpoint answers 1 MB', 'no more than 64 KiB is read: 503 at start, stale keys later', (context) =>
  throughout(context, (_request, response) => response.end('x'.repeat(1_000_000)), /not a usable key set/),
);

fault(
  'the key endpoint answers a redirect to a key set of somebody else',
  'the redirect is not followed',
  async (context) => {
    let followed = 0;
    const elsewhere = await serveForTest((_request, response) => {
      followed += 1;
      response.end('{"keys":[]}');
    });
    const redirect: RequestListener = (_request, response) =>
      void response.writeHead(302, { location: elsewhere }).end();
    await throughout(context, redirect, /302/);
    expect(followed).toBe(0);
  },
);

fault('the key endpoint has a certificate that nobody signed', 'its keys are not used: 503', async (context) => {
  let asked = 0;
  const answer: RequestListener = (_request, response) => {
    asked += 1;
    response.end('{"keys":[]}');
  };
  await throughout(context, answer, /self-signed certificate|DEPTH_ZERO_SELF_SIGNED_CERT/i, serveSelfSigned);
  expect(asked).toBe(0);
});
