import { checkPair } from '../check.js';
import { guide } from '../docs.js';
import { mappingUpdates } from '../fix/updates.js';
import { pairProviders } from '../providers.js';

export const providerMappingDiffers = checkPair({
  id: 'provider-mapping-differs',
  needs: { legacy: ['providers'], new: ['providers'] },
  find: (legacy, newPool, { options: { attribute, providerMap } }) => {
    const differing = pairProviders(legacy.providers, newPool.providers, providerMap).flatMap(
      ({ legacy: before, new: after }) => {
        const lost = Object.entries(before.attributeMapping).filter(
          ([name, from]) => name !== attribute && after.attributeMapping[name] !== from,
        );
        return lost.length === 0 ? [] : [{ after, lost }];
      },
    );
    if (differing.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Identity providers fill other attributes than before',
      seen: `${differing
        .map(
          ({ after, lost }) =>
            `${after.name}: ${lost.map(([name, from]) => `${name} from ${from}`).join(', ')} in the legacy pool`,
        )
        .join('. ')}; not so in the new one.`,
      why: 'Attributes that applications read stay empty or hold something else for users of these providers.',
      fix: mappingUpdates(
        newPool,
        differing.map(({ after, lost }) => ({
          provider: after,
          change: `.AttributeMapping += ${JSON.stringify(Object.fromEntries(lost))}`,
        })),
      ),
      docs: guide('cognito-user-pools-specifying-attribute-mapping'),
    };
  },
});
