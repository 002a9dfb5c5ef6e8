// Runs cognito-local on a free port, with its data in its own directory, until the parent process disconnects.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDefaultServer } from 'cognito-local';

const directory = mkdtempSync(join(tmpdir(), 'cognito-local-'));
process.chdir(directory);
process.once('disconnect', () => {
  process.chdir(tmpdir());
  rmSync(directory, { recursive: true, force: true });
  process.exit();
});
// Ctrl+C and the end of the terminal are for the parent process; the handler above notices when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

// The port comes first: cognito-local writes its address into every token.
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}`;
const config = { TokenConfig: { IssuerDomain: address }, UserPoolDefaults: { UsernameAttributes: [] } };
mkdirSync('.cognito');
writeFileSync('.cognito/config.json', JSON.stringify(config));

const { resolve } = createRequire(import.meta.url);
const pino = createRequire(resolve('cognito-local'))('pino');
const { application } = await createDefaultServer(pino({ level: 'silent' }));
server.on('request', (req, res) => {
  // cognito-local does not support requests for identity providers. This is the answer of a pool without any.
  if (req.headers['x-amz-target'] === 'AWSCognitoIdentityProviderService.ListIdentityProviders') {
    res.setHeader('content-type', 'application/x-amz-json-1.1').end('{"Providers":[]}');
  } else {
    application(req, res);
  }
});
process.send(address);
