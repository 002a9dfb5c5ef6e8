import { createRequire } from 'node:module';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import * as built from '../../../middleware/plain.js';
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

const other = () => createRequire(import.meta.url)('cognito-cutover/express') as HostModule;
const moduleOf = (isOfOtherBuild = false): HostModule => (isOfOtherBuild ? other() : (built as never));

const headerOf = (req: Request, name: string) => req.get(name);

/** A step as a handler of Express, or of what calls its handlers. */
function expressStep(step: Step): RequestHandler {
  if ('auth' in step) {
    return moduleOf(step.isOfOtherBuild).cutoverAuth(nativeOptions(step.auth, headerOf as never)) as RequestHandler;
  }
  if ('guard' in step) return moduleOf(step.isOfOtherBuild)[step.guard](...step.args) as RequestHandler;
  if ('uncalled' in step) return moduleOf()[step.uncalled] as never;
  if ('forgiven' in step) {
    const inner = expressStep(step.forgiven);
    return (req, res, next) => void inner(req, res, () => next());
  }
  return (req, res, next) => {
    if ('write' in step) Object.assign(req, { [step.property ?? 'auth']: step.write });
    else if ('fix' in step) Object.defineProperty(req, 'auth', { get: () => undefined });
    else if ('strip' in step) delete req.headers[step.strip];
    else if ('header' in step) res.set(step.header, step.value);
    else if ('need' in step) built.getAuth(req);
    else if ('reach' in step) step.reach();
    next();
    if ('limit' in step) res.status(503).end('too slow');
  };
}

const show: RequestHandler = (req, res) => void res.json(shown(built as never, req, (name) => Reflect.get(req, name)));
const own: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status ?? 500).json(ownBody(error));

export const expressHost = (name: string, framework: typeof express): HostParts => ({
  name,
  async serve(routes) {
    const app = (framework as () => Express)();
    app.set('env', 'production');
    app.use(express.urlencoded({ extended: false }));
    for (const [path, steps] of routes) {
      const handlers = madeOf(steps, expressStep);
      app.all([path, `/own${path}`], ...handlers, show);
    }
    app.use('/own', own);
    return servedBy(app.listen(0));
  },
});
