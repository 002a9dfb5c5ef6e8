import { expect, it } from 'vitest';
import { FASTIFY } from '../../../middleware/fastify/fastify-host.js';
import { fastifyExchange } from '../support.js';

/** With Fastify itself: test/middleware/fastify.test.ts. */
it('a reply has headers until they are sent', () => {
  const { reply } = fastifyExchange();
  FASTIFY.headersOf(reply as never)?.setHeader('Retry-After', '1');
  expect(reply.removeHeader).toHaveBeenCalledWith('Retry-After');
  expect(reply.raw.setHeader).toHaveBeenCalledWith('Retry-After', '1');
  reply.raw.headersSent = true;
  expect(FASTIFY.headersOf(reply as never)).toBeUndefined();
});
