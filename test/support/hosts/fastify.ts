import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import * as built from '../../../middleware/fastify.js';
import {
  clientOf,
  type HostModule,
  type HostParts,
  madeOf,
  nativeOptions,
  ownBody,
  type Step,
  shown,
} from '../host-kit.js';

const other = () => createRequire(import.meta.url)('cognito-cutover/fastify') as HostModule;
const moduleOf = (isOfOtherBuild = false): HostModule => (isOfOtherBuild ? other() : (built as never));

export const headerOf = (request: FastifyRequest, name: string) => request.headers[name] as string | undefined;

export type Hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

/** An adapter for requests of Fastify. */
interface Adapter {
  readonly name: string;
  readonly lacks?: HostParts['lacks'];
  readonly module: HostModule;
  /** The refusal in an error of the adapter, where that is not it. */
  readonly causeOf?: (error: Error) => unknown;
  /** What the adapter makes of a step of its own. */
  hookOf(step: Extract<Step, { auth: unknown } | { guard: unknown } | { uncalled: unknown }>): Hook;
}

function fastifyStep(step: Step, adapter: Adapter): Hook {
  if ('auth' in step || 'guard' in step || 'uncalled' in step) return adapter.hookOf(step);
  if ('forgiven' in step) {
    const inner = fastifyStep(step.forgiven, adapter);
    return (request, reply, done) => inner(request, reply, () => done());
  }
  return (request, reply, done) => {
    if ('write' in step) Object.assign(request, { [step.property ?? 'auth']: step.write });
    else if ('fix' in step) Object.defineProperty(request, 'auth', { get: () => undefined });
    else if ('strip' in step) delete request.headers[step.strip];
    else if ('header' in step) reply.header(step.header, step.value);
    else if ('need' in step) adapter.module.getAuth(request as never);
    else if ('reach' in step) step.reach();
    done();
    if ('limit' in step) reply.code(503).send('too slow');
  };
}

/** Hooks run after the parser of forms, as cutoverAuth does where it is to see a second token there. */
export const hostOnFastify = (adapter: Adapter): HostParts => ({
  name: adapter.name,
  ...(adapter.lacks && { lacks: adapter.lacks }),
  async serve(routes) {
    const app = Fastify();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    const mount = (instance: FastifyInstance) => {
      for (const [path, steps] of routes) {
        instance.route({
          method: ['GET', 'POST'],
          url: path,
          preHandler: madeOf(steps, (step) => fastifyStep(step, adapter)) as never,
          handler: (request) => shown(adapter.module, request, (name) => Reflect.get(request, name)),
        });
      }
    };
    mount(app);
    const withOwn = (instance: FastifyInstance, _options: object, done: () => void) => {
      instance.setErrorHandler((error: Error & { status?: number }, _request, reply) =>
        reply.code(error.status ?? 500).send(ownBody(adapter.causeOf?.(error) ?? error)),
      );
      mount(instance);
      done();
    };
    app.register(withOwn, { prefix: '/own' });
    await app.listen({ port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const client = clientOf(port);
    return {
      ask: client.ask,
      port,
      close() {
        client.end();
        return app.close();
      },
    };
  },
});

export const fastifyHost = hostOnFastify({
  name: 'Fastify 5',
  module: built as never,
  hookOf(step) {
    if ('uncalled' in step) return moduleOf()[step.uncalled] as never;
    const module = moduleOf(step.isOfOtherBuild);
    if ('guard' in step) return module[step.guard](...step.args) as Hook;
    return module.cutoverAuth(nativeOptions(step.auth, headerOf as never)) as Hook;
  },
});
