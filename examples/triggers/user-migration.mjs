import { createUserMigrationTrigger } from 'cognito-cutover/triggers';
import { legacyPoolWithClient as legacyPool, newPool, onFault } from './settings.mjs';

export const handler = createUserMigrationTrigger({ legacyPool, newPool, onFault });
