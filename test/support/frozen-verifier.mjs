// A verifier in a process of its own, which a test can stop and let go on. Reads tokens, a line each; writes what became of
// each, and every change of the keys.
import { createInterface } from 'node:readline';
import { createCutoverVerifier } from '../../dist/esm/src/index.js';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const verifier = createCutoverVerifier({
  ...JSON.parse(process.argv[2]),
  onEvent: ({ type, outcome }) => type === 'keys' && say({ keys: outcome }),
});
await verifier.hydrate();
say({ ready: true });
for await (const token of createInterface({ input: process.stdin })) {
  const code = await verifier.verify(token).then(
    () => 'accepted',
    (error) => error.code,
  );
  say({ code });
}
