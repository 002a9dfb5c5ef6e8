import { client, newClient, newParts, pair } from '../../pools.js';
import type { Fault } from './fault.js';

const admins = (changes: { precedence?: number | null; hasRole?: boolean }) => ({
  groups: [{ name: 'admins', precedence: 1, hasRole: false, ...changes }],
});
const job = client({
  id: 'job-id',
  name: 'job',
  hasSecret: true,
  authFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: ['client_credentials'],
  oauthScopes: ['orders/read'],
  callbackUrls: [],
  logoutUrls: [],
  identityProviders: [],
});

export const clientFaults: readonly Fault[] = [
  {
    id: 'clients-missing',
    severity: 'warning',
    snapshot: pair({ legacy: { clients: [client(), job] } }),
    seen: 'job (job-id)',
    fix: `--client-name job --generate-secret --explicit-auth-flows '["ALLOW_REFRESH_TOKEN_AUTH"]' --allowed-o-auth-flows-user-pool-client --allowed-o-auth-flows '["client_credentials"]' --allowed-o-auth-scopes '["orders/read"]' --write-attributes '["email","name"]'`,
  },
  {
    id: 'clients-missing',
    case: 'two of one name',
    severity: 'warning',
    snapshot: pair({ new: { clients: [...newParts.clients, { ...newParts.clients[0]!, id: 'second' }] } }),
    seen: 'web (web-client-id)',
  },
  {
    id: 'client-flows-missing',
    severity: 'warning',
    snapshot: pair({ new: newClient({ authFlows: ['ALLOW_REFRESH_TOKEN_AUTH'], oauthFlows: [] }) }),
    seen: 'web (web-new-id) lacks ALLOW_USER_SRP_AUTH, code',
    fix: '.AllowedOAuthFlows += (["code"] - (.AllowedOAuthFlows // [])) | .AllowedOAuthFlowsUserPoolClient = true',
  },
  {
    id: 'client-urls-missing',
    severity: 'warning',
    snapshot: pair({ new: newClient({ callbackUrls: ['https://new.example/callback'] }) }),
    seen: 'https://shop.example/callback',
    fix: '.CallbackURLs += (["https://shop.example/callback"] - (.CallbackURLs // []))',
  },
  {
    id: 'client-scopes-missing',
    severity: 'warning',
    snapshot: pair({ new: newClient({ oauthScopes: ['openid'] }) }),
    fix: '.AllowedOAuthScopes += (["orders/read"] - (.AllowedOAuthScopes // []))',
  },
  {
    id: 'client-providers-missing',
    severity: 'warning',
    snapshot: pair({ new: newClient({ identityProviders: ['COGNITO'] }) }),
    fix: '.SupportedIdentityProviders += (["Google"] - (.SupportedIdentityProviders // []))',
  },
  {
    id: 'client-secret-differs',
    severity: 'warning',
    snapshot: pair({ new: newClient({ hasSecret: true }) }),
    seen: 'has a secret in the new pool only',
  },
  {
    id: 'client-token-lifetimes-differ',
    severity: 'info',
    snapshot: pair({ new: newClient({ accessTokenSeconds: 300 }) }),
    seen: 'access 300 s instead of 3600 s',
    fix: '.AccessTokenValidity = 3600 | .TokenValidityUnits.AccessToken = "seconds"',
  },
  {
    id: 'client-attribute-lists-differ',
    severity: 'info',
    snapshot: pair({ new: newClient({ readAttributes: ['email', 'email_verified', 'custom:legacy_sub'] }) }),
    seen: 'cannot read name',
    fix: '.ReadAttributes += (["name"] - (.ReadAttributes // []))',
  },
  {
    id: 'groups-missing',
    severity: 'warning',
    snapshot: pair({ new: { groups: [] } }),
    seen: '1 group: admins.',
    fix: 'plan --groups',
  },
  {
    id: 'group-roles',
    severity: 'info',
    snapshot: pair({ legacy: admins({ hasRole: true }) }),
    seen: 'admins',
  },
  {
    id: 'group-precedence-differs',
    severity: 'info',
    snapshot: pair({ new: admins({ precedence: null }) }),
    fix: '"GroupName":"admins","Precedence":1',
  },
  {
    id: 'group-memberships',
    severity: 'info',
    snapshot: pair(),
    seen: '1 group in both pools: admins.',
    fix: 'plan --groups',
  },
  // True of every move.
  { id: 'client-ids-change', severity: 'info', snapshot: pair(), fix: '"web-new-id": "web-client-id"' },
  { id: 'endpoints-change', severity: 'info', snapshot: pair(), seen: 'shop-new.auth.eu-west-1.amazoncognito.com' },
];
