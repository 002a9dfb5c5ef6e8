import { checkPair } from '../define-check.js';
import { filledBy } from '../facts/attributes.js';
import { pairProviders } from '../facts/providers.js';
import { guide } from '../finding.js';
import { writableToo } from '../fix/changes.js';
import { clientUpdates, mappingUpdates } from '../fix/updates.js';

export const providerMappingDiffers = checkPair({
  id: 'provider-mapping-differs',
  needs: { legacy: ['providers'], new: ['providers'] },
  uses: { new: ['clients'] },
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
    const writers = (newPool.clients ?? []).flatMap((client) => {
      const filled = differing.filter(({ after }) => client.identityProviders.includes(after.name));
      const names = filledBy(
        filled.map(({ lost }) => Object.fromEntries(lost)),
        attribute,
      );
      return names.length === 0 ? [] : [{ client, change: writableToo(names) }];
    });
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
      fix: [
        ...(newPool.clients === undefined
          ? [
              '# The app clients could not be read: each that offers the provider has to be allowed to write these attributes.',
            ]
          : []),
        ...(writers.length > 0
          ? [
              '# First let the app clients write them: Cognito fails the sign-in where a client may not.',
              clientUpdates(newPool, writers),
            ]
          : []),
        mappingUpdates(
          newPool,
          differing.map(({ after, lost }) => ({
            provider: after,
            change: `.AttributeMapping += ${JSON.stringify(Object.fromEntries(lost))}`,
          })),
        ),
      ].join('\n'),
      docs: guide('cognito-user-pools-specifying-attribute-mapping'),
    };
  },
});
