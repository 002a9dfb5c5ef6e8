import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder } from '../support/folder.js';

const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url));
const ADDRESS = 'https://github.com/advisories/GHSA-xxxx';
const one = { url: ADDRESS, severity: 'high', title: 'Prototype pollution' };
const FOUND = { vulnerabilities: { lodash: { name: 'lodash', via: [one] }, x: { name: 'x', via: ['lodash'] } } };

/** The script, with an npm that answers so. */
function audit(answer: object, answered: readonly object[] = [], env: Readonly<Record<string, string>> = {}) {
  const at = folder();
  mkdirSync(join(at, 'scripts'));
  cpSync(join(scripts, 'audit.mjs'), join(at, 'scripts/audit.mjs'));
  writeFileSync(join(at, 'scripts/answered-advisories.json'), JSON.stringify(answered));
  writeFileSync(join(at, 'answer.json'), JSON.stringify(answer));
  writeFileSync(join(at, 'npm'), `#!/bin/sh\ncat '${join(at, 'answer.json')}'\nexit 1\n`);
  chmodSync(join(at, 'npm'), 0o755);
  const path = [at, process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(at, 'scripts/audit.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, AUDIT_REQUIRED: '', ...env, PATH: path },
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

describe('npm run audit', () => {
  it('passes where there is nothing', () => {
    expect(audit({ vulnerabilities: {} })).toMatchObject({ status: 0, stdout: 'npm audit: 0 open, 0 answered' });
  });

  it('fails with an advisory, once however many packages have it', () => {
    expect(audit(FOUND)).toEqual({
      status: 1,
      stdout: 'npm audit: 1 open, 0 answered',
      stderr: `high: lodash: Prototype pollution (${ADDRESS})`,
    });
  });

  it.each([
    ['passes while its answer holds', '2999-01-01', 0],
    ['fails again when its answer is old', '2020-01-01', 1],
  ])('%s', (_, until, status) => {
    expect(audit(FOUND, [{ url: ADDRESS, until, reason: 'Tests only.' }]).status).toBe(status);
  });

  it('says that a registry has no audits, which fails only where they are required', () => {
    const none = { statusCode: 405, message: 'Method Not Allowed' };
    expect(audit(none)).toMatchObject({ status: 0, stdout: expect.stringContaining('no audit endpoint') });
    expect(audit(none, [], { AUDIT_REQUIRED: 'true' }).status).toBe(1);
  });

  it('fails when nobody answered', () => {
    expect(audit({ message: 'ETIMEDOUT', error: {} })).toMatchObject({ status: 1, stderr: 'npm audit: ETIMEDOUT' });
  });
});

it('every answered advisory has a reason and an end', () => {
  const answered = JSON.parse(readFileSync(join(scripts, 'answered-advisories.json'), 'utf8')) as object[];
  for (const advisory of answered) {
    expect(advisory).toEqual({
      url: expect.stringMatching(/^https:\/\/github\.com\/advisories\/GHSA-/),
      reason: expect.stringMatching(/\w{3}/),
      until: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    });
  }
});
