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
 * The new pool's schema as template.yaml makes it. At a launch more functions start than DescribeUserPool answers: who does not
 * have to ask cannot be refused.
 */
export const newPool = {
  attributes: [
    { name: 'email', required: true },
    { name: 'custom:legacy_sub', maxLength: 2048 },
  ],
  // The e-mail address is the username there.
  aliasAttributes: [],
};

/** Name and code alone: a fault as it came may hold personal data. */
export const onFault = (fault) => console.warn('fault', fault?.name, fault?.code ?? fault?.exception, fault?.reason);
