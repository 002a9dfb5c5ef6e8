import { createRequire } from 'node:module';
import type { Server } from 'node:net';
import { serve } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import * as built from '../../../middleware/hono.js';
import {
  type HostModule,
  type HostParts,
  headersOf,
  madeOf,
  nativeOptions,
  ownBody,
  pathOf,
  type Step,
  servedBy,
  shown,
} from '../host-kit.js';

const other = () => createRequire(import.meta.url)('cognito-cutover/hono') as HostModule;
const moduleOf = (isOfOtherBuild = false): HostModule => (isOfOtherBuild ? other() : (built as never));

const headerOf = (c: Context, name: string) => c.req.header(name);

function honoStep(step: Step): MiddlewareHandler {
  if ('auth' in step) {
    return moduleOf(step.isOfOtherBuild).cutoverAuth(nativeOptions(step.auth, headerOf as never)) as MiddlewareHandler;
  }
  if ('guard' in step) return moduleOf(step.isOfOtherBuild)[step.guard](...step.args) as MiddlewareHandler;
  if ('uncalled' in step) return moduleOf()[step.uncalled] as never;
  if ('forgiven' in step) {
    const inner = honoStep(step.forgiven);
    return async (c, next) => {
      await inner(c, async () => {}).catch(() => {});
      return next();
    };
  }
  return async (c, next) => {
    if ('write' in step) c.set(step.property ?? 'auth', step.write);
    else if ('strip' in step) c.req.raw.headers.delete(step.strip);
    else if ('header' in step) c.header(step.header, step.value);
    else if ('need' in step) built.getAuth(c);
    else if ('reach' in step) step.reach();
    if (!('limit' in step)) return next();
    void next();
    return c.text('too slow', 503);
  };
}

function appOf(routes: ReadonlyMap<string, readonly Step[]>): Hono {
  const mount = (app: Hono) => {
    for (const [path, steps] of routes) {
      app.on(['GET'], [path], ...madeOf(steps, honoStep), (c) =>
        c.json(shown(built as never, c, (name) => c.get(name as never))),
      );
    }
    return app;
  };
  const own = mount(new Hono());
  own.onError((error, c) => c.json(ownBody(error), ((error as { status?: number }).status ?? 500) as never));
  return mount(new Hono()).route('/own', own);
}

export const honoOnNode: HostParts = {
  name: 'Hono 4 on Node',
  lacks: ['form', 'fix'],
  async serve(routes) {
    return servedBy(serve({ fetch: appOf(routes).fetch, port: 0 }) as Server);
  },
};

export const honoOnFetch: HostParts = {
  name: 'Hono 4 with requests of the Fetch standard',
  lacks: ['form', 'fix', 'abort'],
  async serve(routes) {
    const app = appOf(routes);
    return {
      async ask(path, ask) {
        const headers = new Headers();
        for (const [name, value] of headersOf(ask)) headers.append(name, value);
        const response = await app.request(new Request(`http://localhost${pathOf(path, ask)}`, { headers }));
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          text: await response.text(),
        };
      },
      close() {},
    };
  },
};
