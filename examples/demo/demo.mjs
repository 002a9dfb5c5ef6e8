// The main path in one run: two user pools, one person in both, and one API that gets the same user id from both.
// Real HTTP, the real AWS SDK and the real sync script against cognito-local. The exit code is 1 if a result is wrong.
// With --serve it goes on: the shop, its metrics and the dashboard, until Ctrl+C.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createCutoverVerifier } from 'cognito-cutover';
import { cutoverAuth } from 'cognito-cutover/express';
import express from 'express';
import { addUser, createAppClient, createPool, signIn, startCognitoLocal } from '../express-app/cognito-local.mjs';
import { LEGACY_SUB } from '../express-app/trial.mjs';
import { serve } from './serve.mjs';

const [option, ...others] = process.argv.slice(2);
if (others.length > 0 || (option !== undefined && option !== '--serve')) {
  console.error('usage: npm run demo [-- --serve]');
  process.exit(2);
}

const run = promisify(execFile);
const bin = fileURLToPath(new URL('../../dist/esm/src/cli/bin.js', import.meta.url));
/** Ctrl+C, or the terminal was closed: what runs is ended, and the directories are removed. */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => ending.abort());
const asked = once(ending.signal, 'abort');
const cognito = await startCognitoLocal();
/** Keeps the state file, as the directory of an operator does. */
const directory = mkdtempSync(join(tmpdir(), 'cutover-demo-'));
try {
  const pools = await Promise.race([demonstrate(), asked.then(() => undefined)]);
  if (pools === undefined) process.exitCode = 130;
  else if (option === '--serve') await serve({ cognito, directory, bin, asked, ...pools });
} catch (error) {
  if (error.code !== 'EADDRINUSE') throw error;
  console.error(`${error.message}\nSet PORT and METRICS_PORT to ports that are free, or leave them out.`);
  process.exitCode = 1;
} finally {
  cognito.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function demonstrate() {
  const legacyPool = await createPool(cognito, 'legacy');
  const newPool = await createPool(cognito, 'new', [LEGACY_SUB]);
  const legacySub = await addUser(cognito, legacyPool, 'anna');
  const newSub = await addUser(cognito, newPool, 'anna');
  await addUser(cognito, newPool, 'cleo');
  console.log('Two user pools, served by cognito-local. Anna has an account in each, Cleo only in the new pool.\n');

  console.log('The sync script gives every user of the new pool the sub they had in the legacy pool:\n');
  await fillLegacySub(legacyPool, newPool);

  // cognito-local can create an app client whose ID tokens expired an hour ago. The API accepts this client.
  const expiring = await createAppClient(cognito, legacyPool.userPoolId, { IdTokenValidity: -60 });
  const verifier = createCutoverVerifier({
    legacyPool: { ...legacyPool.options, clientIds: [legacyPool.clientId, expiring] },
    newPool: newPool.options,
    tokenUse: 'id',
  });
  const api = await startApi(verifier);
  try {
    console.log('Anna signs in at each pool, and calls the API with both ID tokens:\n');
    for (const [pool, side, sub] of [
      [legacyPool, 'legacy', legacySub],
      [newPool, 'new', newSub],
    ]) {
      const answer = await call(api.address, await signIn(cognito, pool, 'anna'));
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, { pool: side, issuer: pool.issuer, sub, userId: legacySub });
      console.log(`  ${side} pool`);
      console.log(`    issuer           ${answer.body.issuer}`);
      console.log(`    sub              ${answer.body.sub}`);
      console.log(`    req.auth.userId  ${answer.body.userId}\n`);
    }
    assert.notEqual(legacySub, newSub);
    console.log('Two issuers, two subs, one user id.\n');

    const thirdPool = await createPool(cognito, 'third');
    await addUser(cognito, thirdPool, 'anna');
    console.log('Refused:\n');
    for (const [what, token, status, code] of [
      ['a token of a third pool', await signIn(cognito, thirdPool, 'anna'), 401, 'ERR_ISSUER_NOT_TRUSTED'],
      ['an expired token', await signIn(cognito, { clientId: expiring }, 'anna'), 401, 'ERR_TOKEN_EXPIRED'],
      ['a user not mapped, Cleo', await signIn(cognito, newPool, 'cleo'), 403, 'ERR_LEGACY_ID_MISSING'],
    ]) {
      const answer = await call(api.address, token);
      assert.equal(answer.status, status);
      assert.deepEqual(answer.body, { code });
      console.log(
        `  ${what.padEnd(24)} ${answer.status} ${answer.body.code}\n  ${''.padEnd(24)} ${answer.challenge}\n`,
      );
    }
  } finally {
    api.stop();
    verifier.close();
  }
  return { legacyPool, newPool, anna: legacySub };
}

/** Plans, writes and proves `custom:legacy_sub`, with the same commands as for two pools in AWS. */
async function fillLegacySub(legacyPool, newPool) {
  const plan = await cutover('plan', '--legacy-pool', legacyPool.userPoolId, '--new-pool', newPool.userPoolId);
  assert.equal(plan.writes, 1);
  assert.deepEqual([plan.outcomes.set, plan.outcomes['new-born']], [1, 1]);
  console.log('  $ cognito-cutover plan     1 user to write; 1 is new-born: no legacy user, nothing to write');

  const apply = await cutover('apply', '--yes');
  assert.deepEqual([apply.written, apply.failed, apply.remaining], [1, 0, 0]);
  console.log('  $ cognito-cutover apply    1 user written');

  const verified = await cutover('verify');
  assert.deepEqual(verified, { checked: 1, right: 1, wrong: 0, missing: 0, duplicates: 0 });
  console.log('  $ cognito-cutover verify   1 of 1 right\n');
}

/** Runs one command of the sync script in the directory of the state file, and returns its JSON. */
async function cutover(...args) {
  const endpoints = ['--legacy-endpoint', cognito.endpoint, '--new-endpoint', cognito.endpoint];
  const account = { AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  const env = { ...process.env, AWS_PROFILE: undefined, ...account };
  const { stdout } = await run(process.execPath, [bin, ...args, ...endpoints, '--json'], {
    cwd: directory,
    env,
    signal: ending.signal,
  });
  return JSON.parse(stdout);
}

async function startApi(verifier) {
  const app = express();
  app.use(cutoverAuth({ verifier }));
  app.get('/me', (req, res) => {
    const { pool, sub, userId, claims } = req.auth;
    res.json({ pool, issuer: claims.iss, sub, userId });
  });
  app.use((error, _req, res, _next) => {
    res.status(error.status).set(error.headers).json({ code: error.code });
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${server.address().port}`, stop };
}

async function call(address, token) {
  const response = await fetch(`${address}/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json(), challenge: response.headers.get('www-authenticate') };
}
