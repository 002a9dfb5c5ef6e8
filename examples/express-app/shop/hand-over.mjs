import { HandoverError, handOver } from 'cognito-cutover/handover';

/**
 * The app client of the new pool that sessions are handed over to, and which of its tokens the shop takes.
 *
 * @typedef {{ newPool: import('cognito-cutover/handover').HandoverPool, token: 'IdToken' | 'AccessToken' }} Handover
 */

/**
 * Exchanges the visitor's session of the legacy pool for one of the new pool, without a password. Their name is the same in both pools
 * here.
 *
 * @param {Handover} handover
 * @param {import('cognito-cutover').CutoverVerifier} verifier
 * @param {import('cognito-cutover').CutoverIdentity} visitor
 * @param {string} accessToken of the legacy pool
 * @returns {Promise<{ token: string } | { refused: 'refused' | 'unavailable' }>}
 */
export async function stayAtNewPool({ newPool, token }, verifier, visitor, accessToken) {
  const username = `${visitor.claims['cognito:username'] ?? visitor.claims.username}`;
  try {
    // The shop keeps no refresh tokens. An app that does passes it too, with `legacyPool` and `revoke: true`.
    const session = await handOver({ newPool, username, legacySession: { accessToken } });
    const given = token === 'IdToken' ? session.idToken : session.accessToken;
    const { userId } = await verifier.verify(given);
    return userId === visitor.userId ? { token: given } : { refused: 'refused' };
  } catch (error) {
    if (!(error instanceof HandoverError)) throw error;
    console.error(`hand-over: ${error.code} ${error.message}`);
    return { refused: error.code === 'ERR_HANDOVER_UNAVAILABLE' ? 'unavailable' : 'refused' };
  }
}
