import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import * as common from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import * as nest from '../../../middleware/nest.js';
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
import { type Hook, headerOf as headerOfFastify, hostOnFastify } from './fastify.js';

type Nest = typeof nest;
const asHost = (module: Nest): HostModule => ({ ...module, cutoverAuth: module.cutoverGuard }) as never;
const other = () => asHost(createRequire(import.meta.url)('cognito-cutover/nest') as Nest);
const built = asHost(nest);
const moduleOf = (isOfOtherBuild = false): HostModule => (isOfOtherBuild ? other() : built);

const headerOf = (req: Request, name: string) => req.get(name);

function nestStep(step: Step): nest.CutoverCanActivate {
  if ('auth' in step) {
    return moduleOf(step.isOfOtherBuild).cutoverAuth(nativeOptions(step.auth, headerOf as never)) as never;
  }
  if ('guard' in step) return moduleOf(step.isOfOtherBuild)[step.guard](...step.args) as never;
  if ('forgiven' in step) {
    const inner = nestStep(step.forgiven);
    return { canActivate: (context) => inner.canActivate(context).catch(() => true) };
  }
  return {
    async canActivate(context) {
      const http = context.switchToHttp();
      const req = http.getRequest() as Request;
      const res = http.getResponse() as Response;
      if ('write' in step) Object.assign(req, { [step.property ?? 'auth']: step.write });
      else if ('fix' in step) Object.defineProperty(req, 'auth', { get: () => undefined });
      else if ('strip' in step) delete req.headers[step.strip];
      else if ('header' in step) res.set(step.header, step.value);
      else if ('need' in step) nest.getAuth(req);
      else if ('reach' in step) step.reach();
      else if ('limit' in step) setImmediate(() => res.status(503).end('too slow'));
      return true;
    },
  };
}

class OwnFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: common.ArgumentsHost) {
    const http = host.switchToHttp();
    if (!http.getRequest<Request>().path.startsWith('/own/')) return super.catch(exception, host);
    const { cause } = exception as { cause?: Error };
    const status = exception instanceof common.HttpException ? exception.getStatus() : 500;
    http
      .getResponse<Response>()
      .status(status)
      .json(ownBody(cause ?? (exception as Error)));
  }
}
common.Catch()(OwnFilter);

/** A controller with a handler for each route, whose steps are guards. */
function controllerOf(routes: ReadonlyMap<string, readonly Step[]>) {
  class Routes {}
  common.Controller()(Routes);
  for (const [path, steps] of routes) {
    const value = (req: Request) => shown(built, req, (name) => Reflect.get(req, name));
    const descriptor = { value, configurable: true, writable: true, enumerable: true };
    Object.defineProperty(Routes.prototype, path, descriptor);
    common.All([path, `/own${path}`])(Routes.prototype, path, descriptor);
    common.UseGuards(...madeOf(steps, nestStep))(Routes.prototype, path, descriptor);
    common.Req()(Routes.prototype, path, 0);
  }
  return Routes;
}

export const nestHost: HostParts = {
  name: 'Nest 12 on Express',
  lacks: ['uncalled'],
  async serve(routes) {
    class AppModule {}
    common.Module({ controllers: [controllerOf(routes)] })(AppModule);
    const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false, abortOnError: false });
    app.useGlobalFilters(new OwnFilter(app.get(HttpAdapterHost).httpAdapter));
    await app.listen(0);
    const { port } = app.getHttpServer().address() as AddressInfo;
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

/** The guards alone, as hooks of Fastify: `@nestjs/platform-fastify` gives them the same requests and replies. */
export const nestGuardsOnFastify = hostOnFastify({
  name: 'Guards of Nest 12 on Fastify',
  lacks: ['uncalled'],
  module: built,
  causeOf: ({ cause }) => cause,
  hookOf(step): Hook {
    if ('uncalled' in step) return (_request, _reply, done) => done();
    const module = moduleOf(step.isOfOtherBuild);
    const made =
      'guard' in step
        ? module[step.guard](...step.args)
        : module.cutoverAuth(nativeOptions(step.auth, headerOfFastify as never));
    return (request, reply, done) => {
      const http = { getRequest: () => request, getResponse: () => reply };
      const context = { getType: () => 'http', switchToHttp: () => http };
      (made as nest.CutoverCanActivate).canActivate(context).then(() => done(), done);
    };
  },
});
