import { createSessionHandover } from 'cognito-cutover/triggers';
import { addUser, createAppClient, createPool, PASSWORD, signIn, startCognitoLocal } from './cognito-local.mjs';
import { startCustomAuth } from './custom-auth.mjs';

/** The attribute of the new pool that keeps the legacy sub. */
export const LEGACY_SUB = {
  Name: 'legacy_sub',
  AttributeDataType: 'String',
  Mutable: true,
  // A limit can never be raised.
  StringAttributeConstraints: { MaxLength: '2048' },
};

/**
 * Two pools of an emulator and three people: Anna moved and was mapped, Bert has not moved yet, Cleo is new and was
 * never in the legacy pool.
 */
export async function startTrial() {
  const cognito = await startCognitoLocal();
  try {
    const legacyPool = await createPool(cognito, 'legacy');
    const newPool = await createPool(cognito, 'new', [LEGACY_SUB]);
    const anna = await addUser(cognito, legacyPool, 'anna');
    const bert = await addUser(cognito, legacyPool, 'bert');
    await addUser(cognito, newPool, 'anna', { 'custom:legacy_sub': anna });
    await addUser(cognito, newPool, 'cleo');

    const tokens = [
      ['Anna, signed in at the legacy pool', await signIn(cognito, legacyPool, 'anna')],
      ['Anna, signed in at the new pool: the same orders', await signIn(cognito, newPool, 'anna')],
      ['Bert, who has not moved yet', await signIn(cognito, legacyPool, 'bert')],
      ['Cleo, who is not mapped: refused with 403', await signIn(cognito, newPool, 'cleo')],
    ];
    return {
      ...(await openShop(cognito, legacyPool, newPool)),
      orders: ordersOf(anna, bert),
      /** @param {string} address */
      explain(address) {
        console.log(
          '\nNo pools are configured (see README.md), so these are two pools of the emulator cognito-local.\n' +
            `Open ${address} in a browser, or try the API:`,
        );
        for (const [who, token] of tokens) {
          console.log(`\n# ${who}\ncurl -i ${address}/orders -H 'Authorization: Bearer ${token}'`);
        }
      },
      stop: cognito.stop,
    };
  } catch (error) {
    cognito.stop();
    throw error;
  }
}

/**
 * The verifier's options for two pools of the emulator, and the entrance of the shop with Anna, Bert and Cleo.
 *
 * @param {import('./cognito-local.mjs').CognitoLocal} cognito
 * @param {import('./cognito-local.mjs').LocalPool} legacyPool
 * @param {import('./cognito-local.mjs').LocalPool} newPool
 */
export async function openShop(cognito, legacyPool, newPool) {
  // cognito-local can create an app client whose tokens expired an hour ago.
  const expiring = await createAppClient(cognito, legacyPool.userPoolId, { IdTokenValidity: -60 });
  const used = new Set();
  const triggers = createSessionHandover({
    legacyPool: { ...legacyPool.options, endpoint: cognito.endpoint },
    // In memory, for this one process. Elsewhere: createDynamoDbOnceStore or createRedisOnceStore.
    once: { claim: async (name) => !used.has(name) && used.add(name) !== undefined },
  });
  const place = (clientId, label, note) => ({ label, note, clientId, endpoint: cognito.endpoint, token: 'IdToken' });
  return {
    options: {
      legacyPool: { ...legacyPool.options, clientIds: [legacyPool.clientId, expiring] },
      newPool: newPool.options,
      tokenUse: 'id',
    },
    entrance: {
      handover: {
        newPool: { clientId: newPool.clientId, endpoint: await startCustomAuth(cognito, newPool, triggers) },
        token: 'IdToken',
      },
      password: PASSWORD,
      places: {
        legacy: place(legacyPool.clientId, 'Old pool', 'where everybody has been until now'),
        new: place(newPool.clientId, 'New pool', 'where everybody is moving to'),
        expiring: { ...place(expiring, 'Old pool', 'its tokens have expired'), hidden: true },
      },
      people: [
        { name: 'Anna, old pool', username: 'anna', at: 'legacy', note: 'as always' },
        { name: 'Anna, new pool', username: 'anna', at: 'new', note: 'another sub, the same orders' },
        { name: 'Bert, old pool', username: 'bert', at: 'legacy', note: 'has not moved yet' },
        { name: 'Cleo, new pool', username: 'cleo', at: 'new', note: 'not mapped: refused' },
        { name: 'Anna, an hour ago', username: 'anna', at: 'expiring', note: 'her token has expired: refused' },
      ],
    },
  };
}

/** The shop's database: legacy sub -> orders. */
export function ordersOf(anna, bert) {
  return new Map([
    [anna, ['a lamp', 'a chair']],
    [bert, ['a table']],
  ]);
}
