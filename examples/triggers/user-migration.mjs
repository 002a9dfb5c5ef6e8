import { createUserMigrationTrigger } from 'cognito-cutover/triggers';
import { legacyPoolWithClient, onFault } from './settings.mjs';

export const handler = createUserMigrationTrigger({ legacyPool: legacyPoolWithClient, onFault });
