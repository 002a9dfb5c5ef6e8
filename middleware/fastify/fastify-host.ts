import type { FastifyReply, FastifyRequest } from 'fastify';
import { asProperty, type Host, linkedBy, type ResponseHeaders } from '../core/host.js';

const { ofKey, link } = linkedBy<FastifyRequest>('fastify');

export const FASTIFY: Host<FastifyRequest, FastifyReply> = {
  keyOf: ({ raw }) => raw,
  ofKey,
  bearerOf: (request) => request,
  ...asProperty,
  set(request, property, identity) {
    link(request.raw, request);
    asProperty.set(request, property, identity);
  },
  headersOf: replyHeaders,
  isAnswered: (reply) => reply.sent,
};

/**
 * The headers of a reply. They are written to Node's response, where error handlers, hijacked replies and handlers of other
 * frameworks keep them. Fastify's own of the same name are taken away, because they would replace these when the reply is sent.
 *
 * @returns `undefined` where they are sent already
 */
function replyHeaders(reply: FastifyReply): ResponseHeaders | undefined {
  const { raw } = reply;
  if (raw.headersSent) return undefined;
  const setHeader = (name: string, value: string | string[]) => {
    reply.removeHeader(name);
    raw.setHeader(name, value);
  };
  return {
    getHeader: (name) => reply.getHeader(name),
    setHeader,
    appendHeader(name, value) {
      const present = [reply.getHeader(name) ?? []].flat().map(String);
      setHeader(name, [...present, value]);
    },
    removeHeader(name) {
      reply.removeHeader(name);
      raw.removeHeader(name);
    },
  };
}
