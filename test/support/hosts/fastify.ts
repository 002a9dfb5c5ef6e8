import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import * as built from '../../../middleware/fastify.js';
import { clientOf, type HostModule, type HostParts, nativeOptions, ownBody, type Step, shown } from '../host-kit.js';

const other = () => createRequire(import.meta.url)('cognito-cutover/fastify') as HostModule;
const moduleOf = (isOfOtherBuild = false): HostModule => (isOfOtherBuild ? other() : (built as never));

const headerOf = (request: FastifyRequest, name: string) => request.headers[name] as string | undefined;

type Hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

function fastifyStep(step: Step): Hook {
  if ('auth' in step) {
    return moduleOf(step.isOfOtherBuild).cutoverAuth(nativeOptions(step.auth, headerOf as never)) as Hook;
  }
  if ('guard' in step) return moduleOf(step.isOfOtherBuild)[step.guard](...step.args) as Hook;
  if ('uncalled' in step) return moduleOf()[step.uncalled] as never;
  if ('forgiven' in step) {
    const inner = fastifyStep(step.forgiven);
    return (request, reply, done) => inner(request, reply, () => done());
  }
  return (request, reply, done) => {
    if ('write' in step) Object.assign(request, { [step.property ?? 'auth']: step.write });
    else if ('fix' in step) Object.defineProperty(request, 'auth', { get: () => undefined });
    else if ('header' in step) reply.header(step.header, step.value);
    else if ('need' in step) built.getAuth(request);
    else if ('reach' in step) step.reach();
    done();
    if ('limit' in step) reply.code(503).send('too slow');
  };
}

/** Hooks run after the parser of forms, as cutoverAuth does where it is to see a second token there. */
export const fastifyHost: HostParts = {
  name: 'Fastify 5',
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
          preHandler: steps.map(fastifyStep) as never,
          handler: (request) => shown(built as never, request, (name) => Reflect.get(request, name)),
        });
      }
    };
    mount(app);
    const withOwn = (instance: FastifyInstance, _options: object, done: () => void) => {
      instance.setErrorHandler((error: Error & { status?: number; code?: string }, _request, reply) =>
        reply.code(error.status ?? 500).send(ownBody(error)),
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
};
