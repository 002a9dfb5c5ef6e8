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
      title: 'The issuer has another form in the new pool',
      seen: `Tokens of the new pool name ${issuerOf(newPool)} as issuer (${newPool.settings.issuerForm}), the legacy pool's are of the form ${legacy.settings.issuerForm}.`,
      why: "The verifier takes both forms. What compares issuers as text does not: gateways, partners' services. API Gateway's own Cognito authorizer does not take pools of the updated form.",
      fix: 'Look through every place that names an issuer. The form is a setting of the new pool (update-user-pool, IssuerConfiguration).',
      docs: guide('federation-endpoints'),
    };
  },
});
