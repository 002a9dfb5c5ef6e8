import type { IncomingMessage, OutgoingMessage } from 'node:http';
import type { BearerRequest } from '../../src/http/bearer.js';
import { asProperty, type Decide, type Host, nodeResponse } from '../core/host.js';
import { FASTIFY as fastifyHost } from '../fastify/fastify-host.js';

/** What is needed of Nest's `ExecutionContext`. */
export interface CutoverContext {
  getType(): string;
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
}

/** A guard of Nest: for `@UseGuards()`, `app.useGlobalGuards()` and `APP_GUARD`. */
export interface CutoverCanActivate {
  canActivate(context: CutoverContext): Promise<boolean>;
}

/** A request of the platform: Express's, which is Node's, or Fastify's, which leads to it. */
export type PlatformRequest = BearerRequest & object;
type PlatformResponse = OutgoingMessage | { readonly raw: OutgoingMessage };

export type DecideInNest = Decide<PlatformRequest, PlatformResponse>;

/** Without Fastify's own types, which applications on Express do not have. */
const FASTIFY = fastifyHost as unknown as Host<PlatformRequest, PlatformResponse>;
const isOfNode = (res: PlatformResponse): res is OutgoingMessage => 'setHeader' in res;

export const NEST: Host<PlatformRequest, PlatformResponse> = {
  keyOf: nodeRequestOf,
  ofKey: (key) => FASTIFY.ofKey(key) ?? (key as PlatformRequest),
  bearerOf: (req) => req,
  ...asProperty,
  set(req, property, identity) {
    const platform = nodeRequestOf(req) === req ? asProperty : FASTIFY;
    platform.set(req, property, identity);
  },
  headersOf: (res) => (isOfNode(res) ? nodeResponse.headersOf(res) : FASTIFY.headersOf(res)),
  isAnswered: (res) => (isOfNode(res) ? nodeResponse.isAnswered(res) : FASTIFY.isAnswered(res)),
};

/**
 * An application on Express may keep something else in `raw`, such as the bytes of a body: as the key of a decision, an object that
 * requests share would give one the user of another.
 */
export function nodeRequestOf(request: object): IncomingMessage {
  const { raw } = request as { readonly raw?: { readonly rawHeaders?: unknown } | null };
  return (Array.isArray(raw?.rawHeaders) ? raw : request) as IncomingMessage;
}

/** The request and the response of a handler's context. */
export function exchangeOf(context: CutoverContext): { req: PlatformRequest; res: PlatformResponse } {
  const type = context.getType();
  if (type !== 'http') {
    throw new Error(
      `cognito-cutover: this guard judges HTTP requests, and this is "${type}". Verify its token with verifier.verify() in a guard of your own`,
    );
  }
  const http = context.switchToHttp();
  return { req: http.getRequest() as PlatformRequest, res: http.getResponse() as PlatformResponse };
}
