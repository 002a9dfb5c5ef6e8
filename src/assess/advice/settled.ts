/** The steps that resolve findings. */
export type Topic =
  | 'creation'
  | 'attribute'
  | 'settings'
  | 'providers'
  | 'clients'
  | 'apis'
  | 'identity-pools'
  | 'triggers'
  | 'legacy-as-provider'
  | 'quotas'
  | 'people'
  | 'second-factors'
  | 'groups'
  | 'backfill';

/** Which step resolves which finding; each finding belongs to one step. */
export const SETTLED: Readonly<Record<Topic, readonly string[]>> = {
  creation: [
    'same-pool',
    'replica-region',
    'custom-attributes-full',
    'attribute-not-string',
    'attribute-immutable',
    'attribute-too-short',
    'sign-in-options-differ',
    'case-sensitivity-differs',
    'required-attributes-differ',
    'custom-attributes-differ',
  ],
  attribute: [
    'attribute-missing',
    'attribute-mapped-from-provider',
    'attribute-writable',
    'dynamic-client-registration',
    'attribute-not-readable',
    'attribute-read-list-absent',
  ],
  settings: [
    'deletion-protection-off',
    'feature-plan-lower',
    'custom-attributes-missing',
    'password-policy-stricter',
    'account-recovery-differs',
    'auto-verified-attributes-differ',
    'device-tracking-differs',
    'threat-protection-lower',
    'email-daily-limit',
    'sms-not-configured',
    'mfa-weaker',
    'mfa-kind-missing',
    'mfa-required-in-new',
    'first-factors-missing',
    'triggers-missing',
    'trigger-version-lower',
    'domain-missing',
    'custom-domain-moves',
    'resource-servers-missing',
    'replicas-missing',
  ],
  providers: [
    'federated-users-provider-missing',
    'provider-registration',
    'provider-details-differ',
    'provider-mapping-differs',
    'mapped-attribute-not-writable',
  ],
  clients: [
    'clients-missing',
    'client-flows-missing',
    'client-urls-missing',
    'client-scopes-missing',
    'client-providers-missing',
    'client-secret-differs',
    'client-token-lifetimes-differ',
    'client-attribute-lists-differ',
  ],
  apis: ['endpoints-change', 'issuer-form-differs', 'client-ids-change'],
  'identity-pools': ['identity-pools'],
  triggers: [
    'accounts-differ',
    'pre-token-trigger-missing',
    'pre-token-trigger-version',
    'user-migration-trigger-missing',
    'user-migration-flow-missing',
    'legacy-password-flow-missing',
    'sign-up-ungated',
    'post-confirmation-trigger-missing',
  ],
  'legacy-as-provider': ['mfa-stops-migration'],
  quotas: ['quotas-lower'],
  people: [
    'users-without-sub',
    'users-without-email',
    'users-without-verified-contact',
    'duplicate-emails',
    'duplicate-emails-by-case',
    'linked-users',
    'users-not-confirmed',
    'users-disabled',
    'user-count-disagrees',
  ],
  'second-factors': ['mfa-enrolment-lost', 'sms-mfa-lost', 'passkeys-not-moved'],
  groups: ['groups-missing', 'group-memberships', 'group-roles', 'group-precedence-differs'],
  backfill: ['backfill-crosses-month'],
};

/** About what can never be changed: the fix may be to create the pool again, which voids every fix that was made before. */
export const FIXED_AT_CREATION: readonly string[] = SETTLED.creation.filter(
  (id) => id !== 'same-pool' && id !== 'replica-region',
);
