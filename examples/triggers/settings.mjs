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

/** Name and code alone: a fault as it came may hold personal data. */
export const onFault = (fault) => console.warn('fault', fault?.name, fault?.code ?? fault?.exception, fault?.reason);
