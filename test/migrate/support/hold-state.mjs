import { openState } from '../../../dist/esm/src/migrate/state/state.js';

// Opens the state named, writes something, says so, and holds it until it is told to close it, or killed.
const [path, access = 'plan'] = process.argv.slice(2);
const state = openState({ path, access });
state.meta.addWarning('held');
process.send('held');
process.on('message', () => {
  state.close();
  process.exit();
});
