import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import Koa, { type Context, type Middleware } from 'koa';
import * as built from '../../../middleware/koa.js';
import {
  type HostModule,
  type HostParts,
  madeOf,
  nativeOptions,
  ownBody,
  type Step,
  servedBy,
  shown,
} from '../host-kit.js';

const other = () => createRequire(import.meta.url)('cognito-cutover/koa') as HostModule;
const moduleOf = (isOfOtherBuild = false): HostModule => (isOfOtherBuild ? other() : (built as never));

const headerOf = (ctx: Context, name: string) => ctx.get(name) || undefined;

function koaStep(step: Step): Middleware {
  if ('auth' in step) {
    return moduleOf(step.isOfOtherBuild).cutoverAuth(nativeOptions(step.auth, headerOf as never)) as Middleware;
  }
  if ('guard' in step) return moduleOf(step.isOfOtherBuild)[step.guard](...step.args) as Middleware;
  if ('uncalled' in step) return moduleOf()[step.uncalled] as never;
  if ('forgiven' in step) {
    const inner = koaStep(step.forgiven);
    return async (ctx, next) => {
      await (async () => inner(ctx, async () => {}))().catch(() => {});
      return next();
    };
  }
  return async (ctx, next) => {
    if ('write' in step) Object.assign(ctx.state, { [step.property ?? 'auth']: step.write });
    else if ('fix' in step) Object.freeze(ctx.state);
    else if ('strip' in step) delete ctx.req.headers[step.strip];
    else if ('header' in step) ctx.set(step.header, step.value);
    else if ('need' in step) built.getAuth(ctx);
    else if ('reach' in step) step.reach();
    if (!('limit' in step)) return next();
    void next();
    Object.assign(ctx, { status: 503, body: 'too slow' });
  };
}

const formParser: Middleware = async (ctx, next) => {
  if (ctx.is('urlencoded')) {
    Object.assign(ctx.request, { body: Object.fromEntries(new URLSearchParams(await text(ctx.req))) });
  }
  return next();
};
const own: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!ctx.path.startsWith('/own/')) throw error;
    ctx.status = (error as { status?: number }).status ?? 500;
    ctx.body = ownBody(error as Error);
  }
};

/** Runs middleware one after the other, as koa-compose does. */
function oneAfterTheOther(steps: readonly Middleware[]): Middleware {
  return (ctx, next) => {
    const at = async (index: number): Promise<unknown> => (steps[index] ?? next)(ctx, () => at(index + 1));
    return at(0);
  };
}

export const koaHost: HostParts = {
  name: 'Koa 3',
  async serve(routes) {
    const app = new Koa();
    const stacks = new Map([...routes].map(([path, steps]) => [path, oneAfterTheOther(madeOf(steps, koaStep))]));
    app.use(formParser);
    app.use(own);
    app.use((ctx, next) => stacks.get(ctx.path.replace(/^\/own/, ''))?.(ctx, next));
    app.use((ctx) => {
      ctx.body = shown(built as never, ctx, (name) => Reflect.get(ctx.state, name));
    });
    return servedBy(app.listen(0));
  },
};
