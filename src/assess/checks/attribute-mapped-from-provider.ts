import { listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { mappingUpdates } from '../fix/updates.js';

export const attributeMappedFromProvider = checkPool({
  id: 'attribute-mapped-from-provider',
  side: 'new',
  needs: ['providers'],
  find: (pool, { options: { attribute } }) => {
    const mapping = pool.providers.filter(({ attributeMapping }) => Object.hasOwn(attributeMapping, attribute));
    if (mapping.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: `Identity providers overwrite ${attribute}`,
      seen: `Mapped in: ${listed(mapping.map(({ name, attributeMapping }) => `${name} (from ${attributeMapping[attribute]})`))}.`,
      why: 'Every sign-in through the provider overwrites the legacy id with the value from the provider. Anyone who can change that value at the provider can become any legacy user.',
      fix: mappingUpdates(
        pool,
        mapping.map((provider) => ({ provider, change: `del(.AttributeMapping[${JSON.stringify(attribute)}])` })),
      ),
      docs: guide('cognito-user-pools-specifying-attribute-mapping'),
    };
  },
});
