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
      title: 'Identity providers fill different attributes in the new pool',
      seen: `Mapped in the legacy pool, but not in the new one: ${differing
        .map(({ after, lost }) => `${after.name}: ${lost.map(([name, from]) => `${name} from ${from}`).join(', ')}`)
        .join('; ')}.`,
      why: 'For users of these providers, attributes that applications read stay empty or hold a different value.',
      fix: [
        ...(newPool.clients === undefined
          ? [
              '# The app clients could not be read. Every client that offers the provider must be able to write these attributes.',
            ]
          : []),
        ...(writers.length > 0
          ? [
              '# First let the app clients write the attributes: if a client cannot, the sign-in fails.',
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
