import { checkPair } from '../define-check.js';
import { issuerOf } from '../facts/addresses.js';
import { guide } from '../finding.js';

export const issuerFormDiffers = checkPair({
  id: 'issuer-form-differs',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    if (legacy.settings.issuerForm === newPool.settings.issuerForm) return undefined;
    return {
      severity: 'info',
      title: 'The issuer has a different form in the new pool',
      seen: `The issuer of the new pool is ${issuerOf(newPool)} (form ${newPool.settings.issuerForm}). The issuer of the legacy pool has the form ${legacy.settings.issuerForm}.`,
      why: "The verifier accepts both forms. Gateways and partners' services that compare the issuer as text do not. API Gateway's own Cognito authorizer does not accept pools with the UPDATED form.",
      fix: 'Check every place where an issuer is configured. The form is a setting of the pool (update-user-pool, IssuerConfiguration).',
      docs: guide('federation-endpoints'),
    };
  },
});
