import type { Check } from '../define-check.js';
import { accountRecoveryDiffers } from './account-recovery-differs.js';
import { accountsDiffer } from './accounts-differ.js';
import { attributeImmutable } from './attribute-immutable.js';
import { attributeMappedFromProvider } from './attribute-mapped-from-provider.js';
import { attributeMissing } from './attribute-missing.js';
import { attributeNotReadable } from './attribute-not-readable.js';
import { attributeNotString } from './attribute-not-string.js';
import { attributeReadListAbsent } from './attribute-read-list-absent.js';
import { attributeTooShort } from './attribute-too-short.js';
import { attributeWritable } from './attribute-writable.js';
import { autoVerifiedAttributesDiffer } from './auto-verified-attributes-differ.js';
import { backfillCrossesMonth } from './backfill-crosses-month.js';
import { caseSensitivityDiffers } from './case-sensitivity-differs.js';
import { clientAttributeListsDiffer } from './client-attribute-lists-differ.js';
import { clientFlowsMissing } from './client-flows-missing.js';
import { clientIdsChange } from './client-ids-change.js';
import { clientProvidersMissing } from './client-providers-missing.js';
import { clientScopesMissing } from './client-scopes-missing.js';
import { clientSecretDiffers } from './client-secret-differs.js';
import { clientTokenLifetimesDiffer } from './client-token-lifetimes-differ.js';
import { clientUrlsMissing } from './client-urls-missing.js';
import { clientsMissing } from './clients-missing.js';
import { customAttributesDiffer } from './custom-attributes-differ.js';
import { customAttributesFull } from './custom-attributes-full.js';
import { customAttributesMissing } from './custom-attributes-missing.js';
import { customDomainMoves } from './custom-domain-moves.js';
import { deletionProtectionOff } from './deletion-protection-off.js';
import { deviceTrackingDiffers } from './device-tracking-differs.js';
import { domainMissing } from './domain-missing.js';
import { duplicateEmails } from './duplicate-emails.js';
import { duplicateEmailsByCase } from './duplicate-emails-by-case.js';
import { dynamicClientRegistration } from './dynamic-client-registration.js';
import { emailDailyLimit } from './email-daily-limit.js';
import { endpointsChange } from './endpoints-change.js';
import { featurePlanLower } from './feature-plan-lower.js';
import { federatedUsersProviderMissing } from './federated-users-provider-missing.js';
import { firstFactorsMissing } from './first-factors-missing.js';
import { groupMemberships } from './group-memberships.js';
import { groupPrecedenceDiffers } from './group-precedence-differs.js';
import { groupRoles } from './group-roles.js';
import { groupsMissing } from './groups-missing.js';
import { identityPools } from './identity-pools.js';
import { issuerFormDiffers } from './issuer-form-differs.js';
import { legacyPasswordFlowMissing } from './legacy-password-flow-missing.js';
import { linkedUsers } from './linked-users.js';
import { mappedAttributeNotWritable } from './mapped-attribute-not-writable.js';
import { mfaEnrolmentLost } from './mfa-enrolment-lost.js';
import { mfaKindMissing } from './mfa-kind-missing.js';
import { mfaRequiredInNew } from './mfa-required-in-new.js';
import { mfaStopsMigration } from './mfa-stops-migration.js';
import { mfaWeaker } from './mfa-weaker.js';
import { passkeysNotMoved } from './passkeys-not-moved.js';
import { passwordPolicyStricter } from './password-policy-stricter.js';
import { postConfirmationTriggerMissing } from './post-confirmation-trigger-missing.js';
import { preTokenTriggerMissing } from './pre-token-trigger-missing.js';
import { preTokenTriggerVersion } from './pre-token-trigger-version.js';
import { providerDetailsDiffer } from './provider-details-differ.js';
import { providerMappingDiffers } from './provider-mapping-differs.js';
import { providerRegistration } from './provider-registration.js';
import { quotasLower } from './quotas-lower.js';
import { replicaRegion } from './replica-region.js';
import { replicasMissing } from './replicas-missing.js';
import { requiredAttributesDiffer } from './required-attributes-differ.js';
import { resourceServersMissing } from './resource-servers-missing.js';
import { samePool } from './same-pool.js';
import { signInOptionsDiffer } from './sign-in-options-differ.js';
import { signUpUngated } from './sign-up-ungated.js';
import { smsMfaLost } from './sms-mfa-lost.js';
import { smsNotConfigured } from './sms-not-configured.js';
import { threatProtectionLower } from './threat-protection-lower.js';
import { triggerVersionLower } from './trigger-version-lower.js';
import { triggersMissing } from './triggers-missing.js';
import { userCountDisagrees } from './user-count-disagrees.js';
import { userMigrationFlowMissing } from './user-migration-flow-missing.js';
import { userMigrationTriggerMissing } from './user-migration-trigger-missing.js';
import { usersDisabled } from './users-disabled.js';
import { usersNotConfirmed } from './users-not-confirmed.js';
import { usersWithoutEmail } from './users-without-email.js';
import { usersWithoutSub } from './users-without-sub.js';
import { usersWithoutVerifiedContact } from './users-without-verified-contact.js';

/** Every check, in the order in which findings are shown. */
export const CHECKS: readonly Check[] = [
  // Pools
  samePool,
  replicaRegion,
  replicasMissing,
  accountsDiffer,
  quotasLower,
  endpointsChange,
  identityPools,
  userCountDisagrees,
  // The mapping attribute
  attributeMissing,
  customAttributesFull,
  attributeNotString,
  attributeImmutable,
  attributeTooShort,
  attributeMappedFromProvider,
  attributeWritable,
  dynamicClientRegistration,
  attributeNotReadable,
  attributeReadListAbsent,
  preTokenTriggerMissing,
  preTokenTriggerVersion,
  // Users
  usersWithoutSub,
  usersWithoutEmail,
  usersWithoutVerifiedContact,
  duplicateEmails,
  duplicateEmailsByCase,
  linkedUsers,
  usersNotConfirmed,
  usersDisabled,
  signUpUngated,
  // Identity providers
  federatedUsersProviderMissing,
  providerRegistration,
  mappedAttributeNotWritable,
  providerDetailsDiffer,
  providerMappingDiffers,
  // Settings
  signInOptionsDiffer,
  caseSensitivityDiffers,
  requiredAttributesDiffer,
  customAttributesMissing,
  customAttributesDiffer,
  passwordPolicyStricter,
  accountRecoveryDiffers,
  autoVerifiedAttributesDiffer,
  deviceTrackingDiffers,
  deletionProtectionOff,
  featurePlanLower,
  threatProtectionLower,
  issuerFormDiffers,
  emailDailyLimit,
  smsNotConfigured,
  // MFA
  mfaWeaker,
  mfaKindMissing,
  mfaRequiredInNew,
  mfaStopsMigration,
  mfaEnrolmentLost,
  smsMfaLost,
  firstFactorsMissing,
  passkeysNotMoved,
  // Triggers
  triggersMissing,
  triggerVersionLower,
  userMigrationTriggerMissing,
  userMigrationFlowMissing,
  legacyPasswordFlowMissing,
  postConfirmationTriggerMissing,
  // Domains and scopes
  domainMissing,
  customDomainMoves,
  resourceServersMissing,
  // App clients
  clientsMissing,
  clientFlowsMissing,
  clientUrlsMissing,
  clientScopesMissing,
  clientProvidersMissing,
  clientSecretDiffers,
  clientTokenLifetimesDiffer,
  clientAttributeListsDiffer,
  clientIdsChange,
  // Groups
  groupsMissing,
  groupMemberships,
  groupRoles,
  groupPrecedenceDiffers,
  // Cost
  backfillCrossesMonth,
];
