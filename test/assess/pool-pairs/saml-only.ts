import type { IdentityProvider } from '../../../src/assess/snapshot/pool-snapshot.js';
import { client, LEGACY_ID, NEW_ID, newParts, OWN_TRIGGERS, pair } from '../pools.js';
import type { PoolPair } from './pool-pair.js';

const PROVIDERS = { AcmeOkta: 2400, GlobexEntra: 1800, InitechAdfs: 1000 };
const saml = Object.keys(PROVIDERS).map(
  (name): IdentityProvider => ({
    name,
    type: 'SAML',
    attributeMapping: { email: 'mail', name: 'displayName' },
    details: { MetadataURL: `https://${name.toLowerCase()}.example/metadata` },
  }),
);
const identityProviders = Object.keys(PROVIDERS);
const groups = ['admins', 'editors', 'viewers'].map((name, at) => ({ name, precedence: at + 1, hasRole: false }));
const ofCognito = (poolId: string) =>
  identityProviders.map((name) => ({ name: `${poolId}_${name}`, precedence: null, hasRole: false }));

/** Business customers who sign in with their own companies' SAML. */
export const samlOnly: PoolPair = {
  name: 'SAML-only, with groups',
  snapshot: pair({
    legacy: {
      // What it asks of passwords and second factors concerns nobody.
      settings: { estimatedUsers: 5200, mfa: 'ON' },
      mfa: { softwareToken: true },
      providers: saml,
      clients: [client({ identityProviders })],
      groups: [...groups, ...ofCognito(LEGACY_ID)],
      users: {
        total: 5200,
        native: 0,
        byStatus: { EXTERNAL_PROVIDER: 5200 },
        byProvider: PROVIDERS,
        ableToSignIn: 0,
        ableToSignInFederated: 5200,
        emailVerified: 0,
        lastModifiedNative: [],
        lastModifiedFederated: [
          { days: 2, users: 4000 },
          { days: 120, users: 1200 },
        ],
      },
    },
    new: {
      settings: {
        estimatedUsers: 0,
        triggers: OWN_TRIGGERS.filter(({ name }) => name === 'PreTokenGeneration'),
        mfa: 'OFF',
        accountRecovery: ['admin_only'],
      },
      providers: saml,
      clients: newParts.clients.map((one) => ({ ...one, identityProviders })),
      groups: [...groups, ...ofCognito(NEW_ID)],
      users: {
        total: 0,
        native: 0,
        byStatus: {},
        byProvider: {},
        ableToSignIn: 0,
        ableToSignInFederated: 0,
        emailVerified: 0,
        customAttributes: {},
        lastModifiedNative: [],
        lastModifiedFederated: [],
      },
    },
  }),
  findings: [
    ['blocker', 'post-confirmation-trigger-missing'],
    ['warning', 'provider-registration'],
    ['info', 'endpoints-change'],
    ['info', 'identity-pools', 'in the legacy pool'],
    ['info', 'client-ids-change'],
    ['info', 'group-memberships'],
  ],
  shares: [['federation', 5_200]],
  providerDirectly:
    'No user of the legacy pool has a password: it only forwards sign-ins to AcmeOkta, GlobexEntra, InitechAdfs. Applications can use those providers directly, and then no user has to move. They lose what the pool adds: 3 groups, scopes of 1 resource server, one issuer for 3 identity providers. The user id changes in this case too, from the sub in the pool to the id at the provider. Keep a table of both, taken from the identities attribute of the legacy users.',
  procedure: [
    {
      step: 'Set up the identity providers, and register the URLs of the new pool at each of them (for SAML, its entity id too) before users sign in.',
      settles: ['provider-registration'],
    },
    {
      step: 'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      settles: ['endpoints-change', 'client-ids-change'],
    },
    {
      step: 'Find the identity pools that trust the legacy pool. If there is one, begin to record which identity belongs to whom: this works only while people still sign in at the legacy pool.',
      settles: ['identity-pools'],
    },
    {
      step: 'Set the triggers of the new pool (post confirmation), and test them with a few accounts.',
      settles: ['post-confirmation-trigger-missing'],
    },
    {
      step: 'Switch applications over one at a time: users of identity providers arrive with their first sign-in.',
      settles: [],
    },
    {
      step: 'Run cognito-cutover plan --groups, apply and verify every night until every user has a legacy id.',
      settles: ['group-memberships'],
    },
    {
      step: 'Set legacyTokens.acceptUntil to now plus the longest lifetime of a refresh token, and check that no user is refused.',
      settles: [],
    },
    {
      step: 'Keep the legacy pool, with deletion protection, for as long as you may need to check a mapping.',
      settles: [],
    },
  ],
  says: [
    'urn:amazon:cognito:sp:eu-west-1_NewPool01',
    'https://shop-new.auth.eu-west-1.amazoncognito.com/saml2/idpresponse',
    'copyGroups: true',
    'cognito-idp:AdminUpdateUserAttributes',
  ],
  neverSays: ['export-csv', 'user migration', 'MFA is', 'reset the password', 'nobody notices'],
};
