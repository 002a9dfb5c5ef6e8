import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { folder } from '../support/folder.js';

const demo = fileURLToPath(new URL('../../examples/demo/demo.mjs', import.meta.url));

it('tells the story of one person in two pools, then serves the shop until it is stopped', {
  timeout: 120_000,
}, async () => {
  const directory = folder();
  const env = { ...process.env, TMPDIR: directory };
  const child = spawn(process.execPath, [demo, '--serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      written[name] += chunk;
    });
  await expect
    .poll(() => written.stdout + written.stderr, { timeout: 100_000, interval: 100 })
    .toContain('npx cognito-cutover drain');

  const [story = '', served = ''] = written.stdout.split('Still running, until you press Ctrl+C:');
  const values = (name: string) =>
    [...story.matchAll(new RegExp(`^ +${name} +(\\S+)$`, 'gm'))].map((match) => match[1]);
  expect(new Set(values('issuer')).size).toBe(2);
  expect(new Set(values('sub')).size).toBe(2);
  expect(values('req.auth.userId')).toEqual([values('sub')[0], values('sub')[0]]);
  expect(story.match(/\b[345]\d\d ERR_\w+/g)).toEqual([
    '401 ERR_ISSUER_NOT_TRUSTED',
    '401 ERR_TOKEN_EXPIRED',
    '403 ERR_LEGACY_ID_MISSING',
  ]);
  expect(story.match(/cognito-cutover \w+/g)).toEqual([
    'cognito-cutover plan',
    'cognito-cutover apply',
    'cognito-cutover verify',
  ]);
  expect(story.split('\n').length).toBeLessThan(45);

  const pageAt = async (name: string) => {
    const [, address = ''] = new RegExp(`^ +${name} +(http\\S+)$`, 'm').exec(served) ?? [];
    const response = await fetch(address);
    return { status: response.status, text: await response.text() };
  };
  expect(await pageAt('the shop')).toMatchObject({ status: 200, text: expect.stringContaining('Anna, old pool') });
  expect(await pageAt('its metrics')).toMatchObject({
    status: 200,
    text: expect.stringContaining('cognito_cutover_keys_age'),
  });
  expect(await pageAt('the dashboard')).toMatchObject({ status: 200, text: expect.stringContaining('<h1') });

  // Everything ends, and nothing is left behind; also where the terminal is closed instead of Ctrl+C.
  expect(readdirSync(directory)).toHaveLength(2);
  child.kill('SIGHUP');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expect(pageAt('the dashboard')).rejects.toThrow('fetch failed');
  await expect.poll(() => readdirSync(directory), { timeout: 10_000 }).toEqual([]);
  expect(written.stderr).toBe('');
});
