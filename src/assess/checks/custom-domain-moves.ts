import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';

export const customDomainMoves = checkPair({
  id: 'custom-domain-moves',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const { customDomain } = legacy.settings;
    if (customDomain === null || newPool.settings.customDomain !== null) return undefined;
    return {
      severity: 'warning',
      title: `Sign-in pages under ${customDomain} cannot serve both pools`,
      seen: `The custom domain ${customDomain} belongs to the legacy pool; the new pool has none.`,
      why: 'A custom domain belongs to one pool. Moving it means deleting it there and creating it here, with up to an hour in which neither works; bookmarks and identity providers name it.',
      fix: 'Give the new pool a custom domain of its own (create-user-pool-domain with --custom-domain-config CertificateArn=…, the certificate in us-east-1), add it to the identity providers, and switch applications over one by one.',
      docs: guide('cognito-user-pools-add-custom-domain'),
    };
  },
});
