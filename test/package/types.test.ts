import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, emptyFolder, install } from './packed.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };

/** Other declarations of `req.auth`, and everything that the types of this package refer to. */
const BESIDE = [
  'express@5',
  '@types/express@5',
  '@types/node@20',
  'express-oauth2-jwt-bearer@1',
  'express-jwt@8',
  '@types/jsonwebtoken@9',
  '@aws-sdk/client-dynamodb@3',
  '@opentelemetry/api@1',
  '@types/aws-lambda@8',
  'fastify@5',
  'hono@4',
  'koa@3',
  '@types/koa@3',
  'typescript@7',
  'typescript5@npm:typescript@5.9',
];

const pool = "{ newPool: { userPoolId: 'eu-west-1_New', clientIds: null }, tokenUse: 'access'";
const mount = `app.use(cutoverAuth(${pool}, property: 'cutover' }));`;

const APPLICATIONS: Readonly<Record<string, string>> = {
  'with req.auth of this package, and a guard of its own': `
    import { createServer } from 'node:http';
    import { bearerToken, CutoverError, refusalHeaders } from 'cognito-cutover';
    import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/express';
    import express from 'express';
    const app = express();
    app.use(cutoverAuth(${pool} }));
    app.get('/:id', requireScope('orders/read'), (req, res) => {
      const userId: string = getAuth(req).userId;
      const maybe: string | undefined = req.auth?.userId;
      // @ts-expect-error: it is absent on requests without credentials
      const sure: string = req.auth.userId;
      res.json({ id: req.params.id, userId, maybe, sure });
    });
    createServer((req, res) => {
      try {
        const token: string | undefined = bearerToken(req.headers);
        res.end(token ?? bearerToken(new Headers()));
      } catch (error) {
        if (error instanceof CutoverError) res.writeHead(error.status, refusalHeaders(error)).end();
      }
    });
    // @ts-expect-error: a request is not its headers
    createServer((req) => bearerToken(req));`,
  'that also has express-oauth2-jwt-bearer': `
    import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/express/plain';
    import express from 'express';
    import { auth } from 'express-oauth2-jwt-bearer';
    const app = express();
    app.use(auth({ issuerBaseURL: 'https://example.com', audience: 'orders' }));
    ${mount}
    app.get('/', requireScope('orders/read'), (req, res) => {
      const theirs: string | undefined = req.auth?.payload.sub;
      const ours: string = getAuth(req).userId;
      res.json({ theirs, ours });
    });`,
  'that also has express-jwt': `
    import { cutoverAuth, getAuth } from 'cognito-cutover/express/plain';
    import express from 'express';
    import { expressjwt, type Request } from 'express-jwt';
    const app = express();
    app.use(expressjwt({ secret: 'secret', algorithms: ['HS256'] }));
    ${mount}
    app.get('/', (req: Request<{ tenant: string }>, res) => {
      const theirs: string | undefined = req.auth?.tenant;
      const ours: string = getAuth(req).userId;
      res.json({ theirs, ours });
    });`,
  'with an auth? of its own': `
    import type { CutoverIdentity } from 'cognito-cutover';
    import { cutoverAuth, getAuth } from 'cognito-cutover/express/plain';
    import express from 'express';
    declare global {
      namespace Express {
        interface Request {
          auth?: { tenant: string };
          cutover?: CutoverIdentity;
        }
      }
    }
    const app = express();
    ${mount}
    app.get('/', (req, res) => {
      const theirs: string | undefined = req.auth?.tenant;
      const ours: string | undefined = req.cutover?.userId;
      res.json({ theirs, ours, sure: getAuth(req).userId });
    });`,
  'on Fastify, with HTTP/1 and HTTP/2': `
    import { cutoverAuth, getAuth, requireScope, requireUser } from 'cognito-cutover/fastify';
    import Fastify from 'fastify';
    const app = Fastify();
    app.register(cutoverAuth(${pool}, getToken: (request) => request.headers.authorization }));
    app.addHook('onRequest', cutoverAuth(${pool} }));
    app.get<{ Params: { id: string } }>('/:id', { onRequest: [requireUser(), requireScope('a')] }, async (request) => {
      const userId: string = getAuth(request).userId;
      return { userId, id: request.params.id };
    });
    const secure = Fastify({ http2: true });
    secure.register(cutoverAuth(${pool} }));
    secure.get('/', { preHandler: requireScope('a') }, async (request) => getAuth(request).userId);`,
  'on Hono, with and without types of its own': `
    import { type CutoverVariables, cutoverAuth, getAuth, requireScope } from 'cognito-cutover/hono';
    import { Hono } from 'hono';
    const plain = new Hono();
    plain.use(cutoverAuth(${pool}, getToken: (c) => c.req.header('x-token') }));
    plain.get('/', requireScope('a'), (c) => c.text(getAuth(c).userId));
    const app = new Hono<{ Bindings: { REGION: string }; Variables: CutoverVariables }>();
    app.use('/api/*', cutoverAuth(${pool} }));
    app.get('/api/:id', requireScope('a'), (c) => {
      const maybe: string | undefined = c.get('auth')?.userId;
      // @ts-expect-error: it is absent on requests without credentials
      const sure: string = c.get('auth').userId;
      return c.json({ maybe, sure, id: c.req.param('id'), region: c.env.REGION });
    });`,
  'on Koa, with and without types of its own': `
    import type { CutoverIdentity } from 'cognito-cutover';
    import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/koa';
    import Koa from 'koa';
    const plain = new Koa();
    plain.use(cutoverAuth(${pool}, getToken: (ctx) => ctx.get('x-token') }));
    plain.use(requireScope('a'));
    const app = new Koa<{ auth?: CutoverIdentity; tenant: string }>();
    app.use(cutoverAuth(${pool} }));
    app.use((ctx) => {
      const maybe: string | undefined = ctx.state.auth?.userId;
      ctx.body = [getAuth(ctx).userId, maybe, ctx.state.tenant];
    });`,
  'that imports every subpath': Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath, at) => `import * as all${at} from '${join('cognito-cutover', subpath)}';\nconsole.log(all${at});`)
    .join('\n'),
};

let folder: string;
beforeAll(() => {
  folder = emptyFolder();
  install(folder, ...BESIDE, '@nestjs/common@12', 'reflect-metadata@0.2', 'rxjs@7');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node'];
const COMPILERS: readonly (readonly [string, string, readonly string[]])[] = [
  ['typescript', 'mts', ['--ignoreConfig', '--module', 'nodenext']],
  ['typescript', 'cts', ['--ignoreConfig', '--module', 'nodenext']],
  ['typescript5', 'ts', ['--module', 'commonjs', '--moduleResolution', 'node', '--esModuleInterop']],
];

/** What a compiler complains of, in the declarations of every package as well. */
function complaints([compiler, extension, mode]: (typeof COMPILERS)[number], names: readonly string[]): string {
  const files = names.map((name) => `${name.replaceAll(/\W+/g, '-')}.${extension}`);
  for (const [at, name] of names.entries()) writeFileSync(join(folder, files[at] ?? ''), APPLICATIONS[name] ?? '');
  return complaintsOf(folder, compiler, ...STRICT, ...mode, ...files);
}

/** Those whose declarations of `req.auth` agree are one program: most of the time goes into the declarations of other packages. */
const PROGRAMS = [
  ['with req.auth of this package, and a guard of its own', 'that imports every subpath'],
  [
    'on Fastify, with HTTP/1 and HTTP/2',
    'on Hono, with and without types of its own',
    'on Koa, with and without types of its own',
  ],
  ['that also has express-oauth2-jwt-bearer'],
  ['that also has express-jwt'],
  ['with an auth? of its own'],
] as const;

describe.each(COMPILERS)('%s, .%s %j', (...compiler) => {
  it.each(PROGRAMS.map((names) => [names]))('compiles the applications %j', (names) => {
    expect(complaints(compiler, names)).toBe('');
  });
});

it('compiles every application', () => {
  expect(PROGRAMS.flat().toSorted()).toEqual(Object.keys(APPLICATIONS).toSorted());
});

it('needs the entry without a declaration beside a library that declares req.auth', () => {
  const [newest] = COMPILERS;
  const names = ['with req.auth of this package, and a guard of its own', 'that also has express-oauth2-jwt-bearer'];
  expect(newest && complaints(newest, names)).toContain('Subsequent property declarations must have the same type');
});
