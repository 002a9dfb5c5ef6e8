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
      why: 'A custom domain belongs to one pool. To move it, you delete it in the legacy pool and create it in the new one, and for up to an hour it works in neither. Bookmarks and identity providers refer to it.',
      fix: 'Give the new pool its own custom domain (create-user-pool-domain with --custom-domain-config CertificateArn=…, the certificate in us-east-1), add it to the identity providers, and switch applications over one by one.',
      docs: guide('cognito-user-pools-add-custom-domain'),
    };
  },
});
