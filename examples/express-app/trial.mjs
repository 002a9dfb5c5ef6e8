import { addUser, createPool, signIn, startCognitoLocal } from './cognito-local.mjs';

/**
 * Two pools of an emulator and three people: Anna moved and was mapped, Bert has not moved yet, Cleo is new and was
 * never in the legacy pool.
 */
export async function startTrial() {
  const cognito = await startCognitoLocal();
  try {
    const legacyPool = await createPool(cognito, 'legacy');
    const newPool = await createPool(cognito, 'new', [
      {
        Name: 'legacy_sub',
        AttributeDataType: 'String',
        Mutable: true,
        // A limit can never be raised.
        StringAttributeConstraints: { MaxLength: '2048' },
      },
    ]);
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
      options: { legacyPool: legacyPool.options, newPool: newPool.options, tokenUse: 'id' },
      orders: new Map([
        [anna, ['a lamp', 'a chair']],
        [bert, ['a table']],
      ]),
      /** @param {string} address */
      explain(address) {
        console.log(
          '\nNo pools are configured (see README.md), so these are two pools of the emulator cognito-local. Try:',
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
