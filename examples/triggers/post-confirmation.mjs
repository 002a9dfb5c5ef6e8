import { createPostConfirmationTrigger } from 'cognito-cutover/triggers';
import { legacyPool, onFault } from './settings.mjs';
import { withStore } from './store.mjs';

export const handler = createPostConfirmationTrigger({ legacyPool, ...withStore, copyGroups: true, onFault });
