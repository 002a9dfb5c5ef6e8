/** Leave both out after the migration. */
const LEGACY = ['LEGACY_USER_POOL_ID', 'LEGACY_CLIENT_IDS'];
const NAMES = ['NEW_USER_POOL_ID', 'NEW_CLIENT_IDS', 'TOKEN_USE'];

/**
 * The pools, from the environment, and where people sign in. Returns `undefined` if it names none of them.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {{ options: import('cognito-cutover').VerifierOptions, entrance: import('./shop/pages.mjs').Entrance } | undefined}
 */
export function readConfig(env) {
  const hasLegacy = LEGACY.some((name) => env[name]);
  const wanted = hasLegacy ? [...LEGACY, ...NAMES] : NAMES;
  const missing = wanted.filter((name) => !env[name]);
  if (!hasLegacy && missing.length === NAMES.length) return undefined;
  if (missing.length > 0) throw new Error(`Set ${missing.join(', ')} too, or none of ${wanted.join(', ')}.`);

  const acceptUntil = env.LEGACY_ACCEPT_UNTIL === undefined ? undefined : new Date(env.LEGACY_ACCEPT_UNTIL);
  const legacyPool = hasLegacy
    ? { userPoolId: env.LEGACY_USER_POOL_ID, clientIds: list(env.LEGACY_CLIENT_IDS) }
    : undefined;
  const newPool = { userPoolId: env.NEW_USER_POOL_ID, clientIds: list(env.NEW_CLIENT_IDS) };
  const place = (pool, label, note) => ({ label, note, ...signInAt(pool, env.TOKEN_USE) });
  // The verifier checks the values and reports what is wrong.
  return {
    options: {
      ...(legacyPool !== undefined && { legacyPool }),
      newPool,
      tokenUse: env.TOKEN_USE,
      ...(acceptUntil !== undefined && { legacyTokens: { acceptUntil } }),
    },
    entrance: {
      places: {
        ...(legacyPool !== undefined && {
          legacy: place(legacyPool, 'Old pool', 'with the account you have always had'),
        }),
        new: place(newPool, 'New pool', 'if you have moved, or are new here'),
      },
    },
  };
}

/** The shop's pages use the first app client of a pool. */
function signInAt({ userPoolId, clientIds }, tokenUse) {
  const [region] = userPoolId.split('_');
  return {
    clientId: clientIds[0],
    endpoint: `https://cognito-idp.${region}.amazonaws.com/`,
    token: tokenUse === 'access' ? 'AccessToken' : 'IdToken',
  };
}

/** @param {string} text */
function list(text) {
  return text.split(',').map((part) => part.trim());
}

/**
 * A number from the environment, or `otherwise` where its variable is not set.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} name
 * @param {number} [otherwise]
 */
export function readNumber(env, name, otherwise) {
  const text = env[name];
  if (!text) return otherwise;
  const number = Number(text);
  if (Number.isNaN(number)) throw new Error(`${name}: expected a number, got ${JSON.stringify(text)}.`);
  return number;
}
