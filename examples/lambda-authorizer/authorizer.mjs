import { createCutoverVerifier } from 'cognito-cutover';
import { createApiGatewayAuthorizer } from 'cognito-cutover/api-gateway';

const verifier = createCutoverVerifier({
  legacyPool: pool('LEGACY'),
  newPool: pool('NEW'),
  tokenUse: process.env.TOKEN_USE ?? 'access',
});

// Load the keys before the first request, because Lambda gives a function full CPU while it starts. If a pool cannot be reached, the
// function still starts and accepts tokens of the other pool.
await verifier.hydrate().catch((error) => console.error('The keys of no pool could be loaded.', error));

export const handler = createApiGatewayAuthorizer({ verifier });

function pool(side) {
  const { [`${side}_JWKS_URI`]: jwksUri, [`${side}_CLIENT_IDS`]: clientIds = '' } = process.env;
  return {
    userPoolId: process.env[`${side}_USER_POOL_ID`],
    clientIds: clientIds.split(',').filter((id) => id !== ''),
    // Only for pools of an emulator.
    ...(jwksUri ? { jwksUri } : {}),
  };
}
