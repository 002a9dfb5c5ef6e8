// The whole idea in one run: two user pools, one person in both, one API that sees one and the same user id.
// Real HTTP and the real AWS SDK against cognito-local. The exit code is 1 where anything is not as it should be.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { AdminUpdateUserAttributesCommand, paginateListUsers } from '@aws-sdk/client-cognito-identity-provider';
import { createCutoverVerifier } from 'cognito-cutover';
import { cutoverAuth } from 'cognito-cutover/express';
import express from 'express';
import { addUser, createAppClient, createPool, signIn, startCognitoLocal } from '../express-app/cognito-local.mjs';

const cognito = await startCognitoLocal();
try {
  await demonstrate();
} finally {
  cognito.stop();
}

async function demonstrate() {
  const legacyPool = await createPool(cognito, 'legacy');
  const newPool = await createPool(cognito, 'new', [
    { Name: 'legacy_sub', AttributeDataType: 'String', Mutable: true },
  ]);
  const legacySub = await addUser(cognito, legacyPool, 'anna');
  const newSub = await addUser(cognito, newPool, 'anna');
  await addUser(cognito, newPool, 'cleo');
  console.log('Two user pools, served by cognito-local. Anna has an account in each, Cleo only in the new pool.\n');

  const written = await fillLegacySub(legacyPool, newPool);
  assert.equal(written, 1);
  console.log('Written through the AWS SDK: custom:legacy_sub of one user of the new pool, Anna.\n');

  // cognito-local lets an app client issue ID tokens that ran out an hour ago. The API accepts the client as such.
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
}

/** Gives every user of the new pool the `sub` of the legacy user with the same username. Answers how many got one. */
async function fillLegacySub(legacyPool, newPool) {
  const legacySubs = new Map();
  for await (const user of usersOf(legacyPool)) legacySubs.set(user.Username, subOf(user));
  let written = 0;
  for await (const user of usersOf(newPool)) {
    const legacySub = legacySubs.get(user.Username);
    if (legacySub === undefined) continue;
    await cognito.client.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: newPool.userPoolId,
        Username: user.Username,
        UserAttributes: [{ Name: 'custom:legacy_sub', Value: legacySub }],
      }),
    );
    written += 1;
  }
  return written;
}

async function* usersOf({ userPoolId }) {
  for await (const page of paginateListUsers({ client: cognito.client }, { UserPoolId: userPoolId })) yield* page.Users;
}

function subOf(user) {
  return user.Attributes.find(({ Name }) => Name === 'sub').Value;
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
