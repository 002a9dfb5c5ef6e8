// What the functions are told by their environment; template.yaml sets it.
const { LEGACY_USER_POOL_ID, LEGACY_CLIENT_ID, LEGACY_CLIENT_SECRET, LEGACY_ROLE_ARN } = process.env;

export const legacyPool = {
  userPoolId: LEGACY_USER_POOL_ID,
  // A role of the legacy pool's account, where it is another.
  ...(LEGACY_ROLE_ARN ? { roleArn: LEGACY_ROLE_ARN } : {}),
};

export const legacyPoolWithClient = {
  ...legacyPool,
  clientId: LEGACY_CLIENT_ID,
  ...(LEGACY_CLIENT_SECRET ? { clientSecret: LEGACY_CLIENT_SECRET } : {}),
};

/**
 * The new pool as template.yaml makes it. At a launch more functions start than DescribeUserPool answers; with all of this they
 * do not ask. It decides who needs a second factor, and where reset codes go: change it together with the template.
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

/** Name and code alone: a fault as it came may hold personal data. */
export const onFault = (fault) => console.warn('fault', fault?.name, fault?.code ?? fault?.exception, fault?.reason);
