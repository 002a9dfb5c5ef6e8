import { openState } from '../../../dist/esm/src/migrate/state/state.js';

// Opens each state that it is sent, writes something, and answers with what went wrong, if anything.
const [access] = process.argv.slice(2);
process.on('message', (path) => {
  try {
    const state = openState({ path, access });
    state.meta.addWarning(access);
    state.close();
    process.send('');
  } catch (error) {
    process.send(`${error}`);
  }
});
