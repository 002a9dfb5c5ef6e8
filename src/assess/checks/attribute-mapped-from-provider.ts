import { checkPool } from '../check.js';
import { guide } from '../docs.js';
import { awsJsonCall } from '../fix.js';
import { listed } from '../words.js';

export const attributeMappedFromProvider = checkPool({
  id: 'attribute-mapped-from-provider',
  side: 'new',
  needs: ['providers'],
  find: (pool, { options: { attribute } }) => {
    const mapping = pool.providers.filter(({ attributeMapping }) => Object.hasOwn(attributeMapping, attribute));
    if (mapping.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: `Identity providers fill ${attribute}`,
      seen: `Mapped in: ${listed(mapping.map(({ name, attributeMapping }) => `${name} (from ${attributeMapping[attribute]})`))}.`,
      why: 'Every sign-in through the provider overwrites the legacy id with what the provider says; who can change that value at the provider becomes any legacy user.',
      fix: mapping
        .map(({ name, attributeMapping }) => {
          const rest = Object.fromEntries(Object.entries(attributeMapping).filter(([key]) => key !== attribute));
          return awsJsonCall(pool, 'update-identity-provider', { ProviderName: name, AttributeMapping: rest });
        })
        .join('\n'),
      docs: guide('cognito-user-pools-specifying-attribute-mapping'),
    };
  },
});
