import { counted, listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { clientLabel, isMachineClient, sendsPassword } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { flowsAdded } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const userMigrationFlowMissing = checkPool({
  id: 'user-migration-flow-missing',
  side: 'new',
  needs: ['settings', 'clients'],
  find: (pool) => {
    if (!pool.settings.triggers.some(({ name }) => name === 'UserMigration')) return undefined;
    const clients = pool.clients.filter((client) => !isMachineClient(client));
    const silent = clients.filter((client) => !sendsPassword(client));
    if (silent.length === 0) return undefined;
    const never = silent.length === clients.length;
    return {
      severity: 'warning',
      title: `The user migration trigger ${never ? 'never runs' : 'does not run for some app clients'}`,
      seen: `The trigger is set, but ${never ? 'no app client sends' : `${silent.length} of ${counted(clients.length, 'app client')} ${silent.length === 1 ? 'does' : 'do'} not send`} passwords to Cognito: ${listed(silent.map(clientLabel))}.`,
      why: 'The trigger needs the password itself. It does not run for SRP, passkeys, one-time codes or federation: users who have not moved yet cannot sign in through these clients.',
      fix: `${clientUpdates(
        pool,
        silent.map((client) => ({ client, change: flowsAdded(client, ['ALLOW_USER_PASSWORD_AUTH']) })),
      )}\n# Then let the applications sign in with USER_PASSWORD_AUTH until the migration is over.`,
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});
