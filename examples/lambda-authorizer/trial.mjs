// Invokes the bundled authorizer as API Gateway would, with tokens of two pools that exist only in this process.
import { createTestPools } from 'cognito-cutover/testing';

const pools = await createTestPools();
for (const [side, pool] of [
  ['LEGACY', pools.legacyPool],
  ['NEW', pools.newPool],
]) {
  process.env[`${side}_USER_POOL_ID`] = pool.userPoolId;
  process.env[`${side}_CLIENT_IDS`] = pool.clientId;
  process.env[`${side}_JWKS_URI`] = pool.jwksUri;
}
const { handler } = await import('./dist/authorizer.mjs');

const stage = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod';
const restEvent = (token) => ({
  type: 'TOKEN',
  methodArn: `${stage}/GET/orders`,
  authorizationToken: `Bearer ${token}`,
});
const httpEvent = (token) => ({
  version: '2.0',
  type: 'REQUEST',
  routeArn: `${stage}/GET/orders`,
  identitySource: [`Bearer ${token}`],
  headers: { authorization: `Bearer ${token}` },
});

const anna = pools.person();
const unmapped = pools.person({ mapped: false });
const tokens = {
  'of the legacy pool': anna.legacy.accessToken(),
  'of the new pool, same person': anna.new.accessToken(),
  'of a user not mapped yet': unmapped.new.accessToken(),
  expired: anna.new.accessToken({ iat: 1_700_000_000, exp: 1_700_003_600 }),
};

for (const [name, token] of Object.entries(tokens)) {
  console.log(`A token ${name}:`);
  const policy = await handler(restEvent(token)).catch((error) => error.message);
  console.log(`  REST API  ${typeof policy === 'string' ? policy : summary(policy)}`);
  const { isAuthorized, context } = await handler(httpEvent(token));
  console.log(`  HTTP API  isAuthorized: ${isAuthorized}, ${context.userId ?? context.error}`);
}
await pools.close();

function summary({ policyDocument, context }) {
  const [{ Effect, Resource }] = policyDocument.Statement;
  return `${Effect} ${Resource}, ${context.userId ?? context.error}`;
}
