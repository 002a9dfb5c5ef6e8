import { checkPool } from '../check.js';
import { clientLabel, isMachineClient, sendsPassword } from '../clients.js';
import { guide } from '../docs.js';
import { clientUpdates } from '../fix.js';
import { listed } from '../words.js';

export const userMigrationFlowMissing = checkPool({
  id: 'user-migration-flow-missing',
  side: 'new',
  needs: ['settings', 'clients'],
  find: (pool) => {
    if (!pool.settings.triggers.some(({ name }) => name === 'UserMigration')) return undefined;
    const clients = pool.clients.filter((client) => !isMachineClient(client));
    if (clients.length === 0 || clients.some(sendsPassword)) return undefined;
    return {
      severity: 'warning',
      title: 'The user migration trigger never runs',
      seen: `It is set, but no app client sends passwords to Cognito: ${listed(clients.map(clientLabel))}.`,
      why: 'The trigger needs the password itself. It does not run for SRP, passkeys or federation: users of these clients are not found.',
      fix: clientUpdates(
        pool,
        clients.map((client) => ({ client, change: '.ExplicitAuthFlows += ["ALLOW_USER_PASSWORD_AUTH"]' })),
      ),
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});
