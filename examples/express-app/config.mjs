/** Leave both out after the migration. */
const LEGACY = ['LEGACY_USER_POOL_ID', 'LEGACY_CLIENT_IDS'];
const NAMES = ['NEW_USER_POOL_ID', 'NEW_CLIENT_IDS', 'TOKEN_USE'];

/**
 * The pools, from the environment. Returns `undefined` if it names none of them.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {import('cognito-cutover').VerifierOptions | undefined}
 */
export function readConfig(env) {
  const hasLegacy = LEGACY.some((name) => env[name]);
  const wanted = hasLegacy ? [...LEGACY, ...NAMES] : NAMES;
  const missing = wanted.filter((name) => !env[name]);
  if (!hasLegacy && missing.length === NAMES.length) return undefined;
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} too, or none of ${wanted.join(', ')}.`);

  const acceptUntil = env.LEGACY_ACCEPT_UNTIL === undefined ? undefined : new Date(env.LEGACY_ACCEPT_UNTIL);
  // The verifier checks the values and reports what is wrong.
  return {
    ...(hasLegacy && { legacyPool: { userPoolId: env.LEGACY_USER_POOL_ID, clientIds: list(env.LEGACY_CLIENT_IDS) } }),
    newPool: { userPoolId: env.NEW_USER_POOL_ID, clientIds: list(env.NEW_CLIENT_IDS) },
    tokenUse: env.TOKEN_USE,
    ...(acceptUntil !== undefined && { legacyTokens: { acceptUntil } }),
  };
}

/** @param {string} text */
function list(text) {
  return text.split(',').map((part) => part.trim());
}
