import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../../examples/demo/demo.mjs', import.meta.url));

it('tells the story of one person in two pools, and ends well', { timeout: 120_000 }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [demo]);
  expect(stderr).toBe('');
  const values = (name: string) =>
    [...stdout.matchAll(new RegExp(`^ +${name} +(\\S+)$`, 'gm'))].map((match) => match[1]);
  expect(new Set(values('issuer')).size).toBe(2);
  expect(new Set(values('sub')).size).toBe(2);
  expect(values('req.auth.userId')).toEqual([values('sub')[0], values('sub')[0]]);
  expect(stdout.match(/\b[345]\d\d ERR_\w+/g)).toEqual([
    '401 ERR_ISSUER_NOT_TRUSTED',
    '401 ERR_TOKEN_EXPIRED',
    '403 ERR_LEGACY_ID_MISSING',
  ]);
  expect(stdout.match(/cognito-cutover \w+/g)).toEqual([
    'cognito-cutover plan',
    'cognito-cutover apply',
    'cognito-cutover verify',
  ]);
  expect(stdout.split('\n').length).toBeLessThan(45);
});
