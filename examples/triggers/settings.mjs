// The functions' settings from the environment, which template.yaml sets.
const { LEGACY_USER_POOL_ID, LEGACY_CLIENT_ID, LEGACY_CLIENT_SECRET, LEGACY_ROLE_ARN } = process.env;

export const legacyPool = {
  userPoolId: LEGACY_USER_POOL_ID,
  // A role in the legacy pool's account, if that is another account.
  ...(LEGACY_ROLE_ARN ? { roleArn: LEGACY_ROLE_ARN } : {}),
};

export const legacyPoolWithClient = {
  ...legacyPool,
  clientId: LEGACY_CLIENT_ID,
  ...(LEGACY_CLIENT_SECRET ? { clientSecret: LEGACY_CLIENT_SECRET } : {}),
};

/**
 * The new pool as template.yaml creates it. At a launch more functions may start than DescribeUserPool accepts calls; with all of
 * these settings they make none. They decide who needs a second factor and where reset codes go: change them together with the template.
 */
export const newPool = {
  attributes: [
    { name: 'email', required: true },
    { name: 'custom:legacy_sub', maxLength: 2048 },
  ],
  // The e-mail address is the username there.
  aliasAttributes: [],
  requiresMfa: false,
  smsMfa: false,
  recovery: ['email'],
};

/** Logs only the name and code, because the original error may contain personal data. */
export const onFault = (fault) => console.warn('fault', fault?.name, fault?.code ?? fault?.exception, fault?.reason);
