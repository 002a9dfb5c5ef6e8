import { createPreTokenGenerationTrigger } from 'cognito-cutover/triggers';
import { onFault } from './settings.mjs';
import { withStore } from './store.mjs';

export const handler = createPreTokenGenerationTrigger({ ...withStore, onFault });
