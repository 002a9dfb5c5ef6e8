import {
  attribute,
  client,
  google,
  legacyParts,
  mappingAttribute,
  newClient,
  newParts,
  OWN_TRIGGERS,
  pair,
} from '../../pools.js';
import type { Fault } from './fault.js';

const withoutPreToken = OWN_TRIGGERS.filter(({ name }) => name !== 'PreTokenGeneration');
const fillingTenant = { ...google, attributeMapping: { ...google.attributeMapping, 'custom:tenant': 'hd' } };
const manyAttributes = Array.from({ length: 49 }, (_, at) => attribute(`custom:a${at}`));

export const attributeFaults: readonly Fault[] = [
  {
    id: 'attribute-missing',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { schema: legacyParts.settings.schema } } }),
    fix: "aws cognito-idp add-custom-attributes --user-pool-id eu-west-1_NewPool01 --region eu-west-1 --custom-attributes '[{",
  },
  {
    id: 'custom-attributes-full',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { schema: [...legacyParts.settings.schema, ...manyAttributes] } } }),
    seen: '50 custom attributes',
  },
  {
    id: 'attribute-not-string',
    severity: 'blocker',
    snapshot: pair({ new: mappingAttribute({ type: 'Number', minimum: null, maximum: null }) }),
    seen: 'Number',
  },
  {
    id: 'attribute-immutable',
    severity: 'blocker',
    snapshot: pair({ new: mappingAttribute({ mutable: false }) }),
    fix: `'[{"Name":"legacy_sub_2","AttributeDataType":"String","Mutable":true,"StringAttributeConstraints":{"MinLength":"1","MaxLength":"2048"}}]'\n# Then use the new attribute: --attribute custom:legacy_sub_2.`,
  },
  {
    id: 'attribute-too-short',
    severity: 'blocker',
    snapshot: pair({ new: mappingAttribute({ maximum: 35 }) }),
    seen: '0 to 35',
  },
  {
    id: 'attribute-too-short',
    case: 'too long a minimum',
    severity: 'blocker',
    snapshot: pair({ new: mappingAttribute({ minimum: 37, maximum: null }) }),
  },
  {
    id: 'attribute-writable',
    case: 'on the write list',
    severity: 'blocker',
    snapshot: pair({ new: newClient({ writeAttributes: ['email', 'name', 'custom:legacy_sub'] }) }),
    seen: 'web (web-new-id)',
    fix: '.WriteAttributes = ((.WriteAttributes // []) - ["custom:legacy_sub"] |',
  },
  {
    id: 'attribute-writable',
    case: 'no write list',
    severity: 'blocker',
    snapshot: pair({ new: newClient({ writeAttributes: null }) }),
    seen: '1 app client can write it: web (web-new-id), without a write list',
    fix: 'if length == 0 then ["email","name"] else . end',
  },
  {
    id: 'attribute-writable',
    case: 'an empty write list',
    severity: 'blocker',
    snapshot: pair({ new: newClient({ writeAttributes: [] }) }),
    seen: 'without a write list',
    fix: 'Add the custom attributes that the application needs: custom:tenant.',
  },
  {
    id: 'attribute-writable',
    case: 'a machine client',
    severity: 'blocker',
    snapshot: pair({
      new: {
        clients: [
          ...newParts.clients,
          client({ id: 'job', name: 'job', oauthFlows: ['client_credentials'], writeAttributes: null }),
        ],
      },
    }),
    seen: 'job (job)',
  },
  {
    id: 'attribute-writable',
    case: 'nothing else on the write list',
    severity: 'blocker',
    snapshot: pair({
      legacy: { clients: [client({ identityProviders: ['COGNITO'], writeAttributes: null })] },
      new: newClient({ identityProviders: ['COGNITO'], writeAttributes: ['custom:legacy_sub'] }),
    }),
    // An empty list would count as none.
    fix: 'if length == 0 then ["email"] else . end',
  },
  {
    id: 'attribute-writable',
    case: 'no write list, and a provider that fills a custom attribute',
    severity: 'blocker',
    snapshot: pair({
      legacy: { providers: [fillingTenant] },
      new: { ...newClient({ writeAttributes: null }), providers: [fillingTenant] },
    }),
    fix: '{"Google":["custom:tenant"]}[$name]',
  },
  {
    id: 'attribute-mapped-from-provider',
    severity: 'blocker',
    snapshot: pair({
      new: {
        providers: [{ ...google, attributeMapping: { ...google.attributeMapping, 'custom:legacy_sub': 'hd' } }],
      },
    }),
    seen: 'Google (from hd)',
    fix: 'del(.AttributeMapping["custom:legacy_sub"])',
  },
  {
    id: 'dynamic-client-registration',
    severity: 'blocker',
    snapshot: pair({
      new: { settings: { dynamicClientRegistration: { enabled: true, open: true, scopes: ['openid'] } } },
    }),
    seen: 'open to everyone',
    fix: '.DcrConfiguration.EnableStatus = "Disabled"',
  },
  {
    id: 'attribute-not-readable',
    severity: 'blocker',
    snapshot: pair({ new: newClient({ readAttributes: ['email', 'email_verified', 'name'] }) }),
    fix: '.ReadAttributes += (["custom:legacy_sub"] - (.ReadAttributes // []))',
  },
  {
    id: 'attribute-read-list-absent',
    severity: 'warning',
    snapshot: pair({ new: newClient({ readAttributes: null }) }),
    fix: 'if length == 0 then ["sub","email","email_verified","name"] else . end | . + (["custom:legacy_sub"] - .)',
  },
  {
    id: 'pre-token-trigger-missing',
    severity: 'warning',
    snapshot: pair({ new: { settings: { triggers: withoutPreToken } } }),
    fix: '.LambdaConfig.PreTokenGenerationConfig = {"LambdaVersion":"V2_0","LambdaArn":"ARN_OF_THE_PRE_TOKEN_GENERATION_FUNCTION"}',
  },
  {
    id: 'pre-token-trigger-version',
    severity: 'warning',
    snapshot: pair({
      new: { settings: { triggers: [...withoutPreToken, { name: 'PreTokenGeneration', version: 'V1_0' }] } },
    }),
    fix: '"LambdaVersion": "V2_0"',
  },
  {
    id: 'pre-token-trigger-version',
    case: 'no version at all, on Lite',
    severity: 'warning',
    snapshot: pair({
      legacy: { settings: { plan: 'LITE' } },
      new: {
        settings: { plan: 'LITE', triggers: [...withoutPreToken, { name: 'PreTokenGeneration', version: null }] },
      },
    }),
    fix: '.UserPoolTier |= if . == "PLUS" then . else "ESSENTIALS" end',
  },
];
