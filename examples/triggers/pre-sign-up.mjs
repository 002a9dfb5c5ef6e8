import { createPreSignUpTrigger } from 'cognito-cutover/triggers';
import { legacyPool, onFault } from './settings.mjs';

export const handler = createPreSignUpTrigger({ legacyPool, onFault });
