import { google, newClient, pair } from '../../pools.js';
import type { Fault } from './fault.js';

const okta = { ...google, name: 'okta', type: 'SAML', details: { MetadataURL: 'https://okta.example/metadata' } };

export const userFaults: readonly Fault[] = [
  {
    id: 'users-without-sub',
    severity: 'warning',
    snapshot: pair({ legacy: { users: { withoutSub: 3 } } }),
    seen: '3 users',
  },
  {
    id: 'users-without-email',
    severity: 'warning',
    snapshot: pair({ legacy: { users: { withoutEmail: 5 } } }),
    seen: 'under 1 %',
  },
  {
    id: 'users-without-verified-contact',
    severity: 'warning',
    snapshot: pair({ legacy: { users: { withoutVerifiedContact: 80 } } }),
    seen: '80 native users of 800 native users (10 %)',
  },
  {
    id: 'duplicate-emails',
    severity: 'warning',
    snapshot: pair({
      legacy: {
        users: { duplicateEmails: { values: 2, users: 5 }, duplicateEmailsIgnoringCase: { values: 2, users: 5 } },
      },
    }),
    seen: '5 users share 2 addresses',
  },
  {
    id: 'duplicate-emails',
    case: 'in the new pool',
    severity: 'warning',
    snapshot: pair({
      new: {
        users: { duplicateEmails: { values: 1, users: 2 }, duplicateEmailsIgnoringCase: { values: 1, users: 2 } },
      },
    }),
  },
  {
    id: 'duplicate-emails-by-case',
    severity: 'warning',
    snapshot: pair({ legacy: { users: { duplicateEmailsIgnoringCase: { values: 1, users: 2 } } } }),
    seen: '2 more users',
  },
  { id: 'linked-users', severity: 'warning', snapshot: pair({ legacy: { users: { linked: 7 } } }), seen: '7 users' },
  {
    id: 'users-not-confirmed',
    severity: 'info',
    snapshot: pair({ legacy: { users: { byStatus: { CONFIRMED: 990, FORCE_CHANGE_PASSWORD: 10 } } } }),
    seen: 'FORCE_CHANGE_PASSWORD: 10 users',
  },
  {
    id: 'users-disabled',
    severity: 'info',
    snapshot: pair({ legacy: { users: { disabled: 1 } } }),
    seen: '1 user of the legacy pool is disabled.',
  },
  {
    id: 'sign-up-ungated',
    severity: 'warning',
    snapshot: pair({ new: { settings: { adminCreateUserOnly: false } } }),
    fix: 'PreSignUp',
  },
  {
    id: 'federated-users-provider-missing',
    severity: 'blocker',
    snapshot: pair({ new: { providers: [] } }),
    seen: 'Google: 200 users',
  },
  {
    id: 'federated-users-provider-missing',
    case: 'under another name than the map says',
    severity: 'blocker',
    snapshot: pair({
      new: {
        providers: [google],
        users: { byProvider: { G: 200 } },
        ...newClient({ identityProviders: ['COGNITO', 'Google', 'G'] }),
      },
    }),
    options: { providerMap: { Google: 'G' } },
  },
  {
    id: 'provider-registration',
    severity: 'warning',
    snapshot: pair({ new: { users: { byProvider: {} } } }),
    seen: 'No user of the new pool has signed in through: Google (200 legacy users)',
    fix: 'https://shop-new.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse',
  },
  {
    id: 'provider-registration',
    case: 'of SAML, under another name, with a custom domain',
    severity: 'warning',
    snapshot: pair({
      legacy: { providers: [okta], users: { byProvider: { okta: 200 } } },
      new: {
        settings: { customDomain: 'login.shop.example' },
        providers: [{ ...okta, name: 'Okta' }],
        users: { byProvider: {} },
        ...newClient({ identityProviders: ['COGNITO', 'Google', 'Okta'] }),
      },
    }),
    options: { providerMap: { okta: 'Okta' } },
    seen: 'okta (200 legacy users)',
    fix: [
      '# Okta (okta in the legacy pool): add these to the application at the identity provider, and keep those of the legacy pool',
      '#   entity id (audience):  urn:amazon:cognito:sp:eu-west-1_NewPool01',
      '#   ACS (reply) URL:       https://login.shop.example/saml2/idpresponse',
      '#   ACS (reply) URL:       https://shop-new.auth.eu-west-1.amazoncognito.com/saml2/idpresponse',
    ].join('\n'),
  },
  {
    id: 'mapped-attribute-not-writable',
    severity: 'blocker',
    snapshot: pair({
      legacy: { clients: newClient({ id: 'web-client-id', writeAttributes: ['email'] }).clients },
      new: newClient({ writeAttributes: ['email'] }),
    }),
    seen: 'web (web-new-id) lacks name',
    fix: '.WriteAttributes += (["name"] - (.WriteAttributes // []))',
  },
  {
    id: 'provider-details-differ',
    severity: 'warning',
    snapshot: pair({ new: { providers: [{ ...google, details: { client_id: 'other' } }] } }),
    seen: 'Google (client_id)',
  },
  {
    id: 'provider-mapping-differs',
    severity: 'info',
    snapshot: pair({ new: { providers: [{ ...google, attributeMapping: { username: 'sub', email: 'email' } }] } }),
    seen: 'name from name',
    fix: '.AttributeMapping += {"name":"name"}',
  },
  {
    id: 'user-count-disagrees',
    severity: 'info',
    snapshot: pair({ legacy: { settings: { estimatedUsers: 2000 } } }),
    seen: 'Listed: 1,000 users. Estimate of the pool: 2,000 users.',
  },
  {
    id: 'backfill-crosses-month',
    severity: 'info',
    snapshot: pair({
      legacy: { settings: { estimatedUsers: 30_000_000 }, users: { total: 30_000_000 } },
      new: { settings: { estimatedUsers: 30_000_000 }, users: { total: 30_000_000 } },
    }),
    seen: '29,999,900 writes at 10 per second',
  },
];
