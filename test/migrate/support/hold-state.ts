import { openState } from '../../../src/migrate/state/state.js';

// Opens the state named, says so, and holds it until it is killed.
openState({ path: process.argv[2] ?? '', access: 'plan' });
process.send?.('held');
process.on('message', () => undefined);
