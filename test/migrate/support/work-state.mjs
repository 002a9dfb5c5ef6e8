import { openState } from '../../../dist/esm/src/migrate/state/state.js';

// Opens the state named, writes into it and closes it, again and again for some time. Fails with what SQLite or the state says.
const [path, access, milliseconds] = process.argv.slice(2);
const end = performance.now() + Number(milliseconds);
let times = 0;
do {
  const state = openState({ path, access });
  if (access === 'read') state.meta.get('warnings');
  else for (const change of [1, 2, 3]) state.meta.addWarning(`${access} ${change}`);
  state.close();
  times += 1;
  // Files that are let go are closed in between.
  await new Promise(setImmediate);
} while (performance.now() < end);
console.log(times);
