import { type OpenStateOptions, openState } from '../../../src/migrate/state/state.js';

// Opens the state named, writes something, says so, and holds it until it is told to close it, or killed.
const access = (process.argv[3] ?? 'plan') as OpenStateOptions['access'];
const state = openState({ path: process.argv[2] ?? '', access });
state.meta.addWarning('held');
process.send?.('held');
process.on('message', () => {
  state.close();
  process.exit();
});
