import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const directory = fileURLToPath(new URL('../../examples/lambda-authorizer', import.meta.url));

it('bundles the authorizer into less than 60 KB', async () => {
  const { stdout } = await run(process.execPath, ['build.mjs'], { cwd: directory });
  const size = /^dist\/authorizer\.mjs ([\d.]+) KB$/m.exec(stdout)?.[1];
  expect(Number(size)).toBeLessThan(60);
});

it('answers tokens of both pools with one id, and refuses others', async () => {
  const { stdout } = await run(process.execPath, ['trial.mjs'], { cwd: directory });
  const answers = stdout.split('\n').filter((line) => line.startsWith('  '));
  const [rest, http, newRest, newHttp, unmappedRest, unmappedHttp, expiredRest, expiredHttp] = answers;
  const userId = /prod\/\*\/\*, (\S+)$/.exec(rest ?? '')?.[1] ?? 'none';
  expect(rest).toContain('REST API  Allow arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/*/*');
  expect(newRest).toBe(rest);
  expect(http).toBe(`  HTTP API  isAuthorized: true, ${userId}`);
  expect(newHttp).toBe(http);
  expect(unmappedRest).toMatch(/Deny .* ERR_LEGACY_ID_MISSING$/);
  expect(unmappedHttp).toBe('  HTTP API  isAuthorized: false, ERR_LEGACY_ID_MISSING');
  expect(expiredRest).toBe('  REST API  Unauthorized');
  expect(expiredHttp).toBe('  HTTP API  isAuthorized: false, ERR_TOKEN_EXPIRED');
});

it.each([
  ['an HTTP API', (context: object) => ({ lambda: context })],
  ['a REST API', (context: object) => context],
])('has a function behind %s that knows people by the legacy id, and no machines', async (_name, authorizer) => {
  const { handler } = await import(`${directory}/orders.mjs`);
  const ask = (kind: string) =>
    handler({ requestContext: { authorizer: authorizer({ userId: 'legacy', kind, pool: 'new' }) } });
  expect(await ask('user')).toMatchObject({ statusCode: 200, body: expect.stringContaining('legacy') });
  expect(await ask('machine')).toMatchObject({ statusCode: 403 });
});

it('has a template whose functions are the bundles', async () => {
  const template = await readFile(`${directory}/template.yaml`, 'utf8');
  const handlers = [...template.matchAll(/Handler: (\S+)\.handler/g)].map(([, name]) => name);
  expect(handlers).toEqual(['authorizer', 'orders']);
  // Keys are public: the roles that SAM makes, one for each function, may write its log and nothing else.
  expect(template).not.toMatch(/Policies:|\bRole:|AWS::IAM/);
  expect(template).toMatch(/AuthorizerPayloadFormatVersion: \S2\.0\S\s+EnableSimpleResponses: true/);
});
