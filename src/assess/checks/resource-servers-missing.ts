import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { awsJsonCall } from '../fix/calls.js';

export const resourceServersMissing = checkPair({
  id: 'resource-servers-missing',
  needs: { legacy: ['resourceServers'], new: ['resourceServers'] },
  find: (legacy, newPool) => {
    const own = legacy.resourceServers.filter(({ managedByCognito }) => !managedByCognito);
    const changes = own.flatMap((before) => {
      const after = newPool.resourceServers.find(({ identifier }) => identifier === before.identifier);
      const lost = before.scopes.filter(({ name }) => !after?.scopes.some((scope) => scope.name === name));
      return lost.length === 0 && after !== undefined ? [] : [{ before, after, lost }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: 'Scopes of the legacy pool do not exist in the new one',
      seen: `Missing: ${listed(
        changes.flatMap(({ before, lost }) =>
          lost.length === 0 ? [before.identifier] : lost.map(({ name }) => `${before.identifier}/${name}`),
        ),
      )}.`,
      why: 'App clients cannot request these scopes, and APIs that require them refuse the tokens.',
      fix: changes
        .map(({ before, after, lost }) =>
          awsJsonCall(newPool, after === undefined ? 'create-resource-server' : 'update-resource-server', {
            Identifier: before.identifier,
            Name: after?.name ?? before.name,
            // An update replaces the list, so it must contain the scopes that exist already.
            Scopes: [...(after?.scopes ?? []), ...lost].map(({ name, description }) => ({
              ScopeName: name,
              ScopeDescription: description,
            })),
          }),
        )
        .join('\n'),
      docs: guide('cognito-user-pools-define-resource-servers'),
    };
  },
});
