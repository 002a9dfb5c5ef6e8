// Uses the installed package as an application does, with whichever Node runs this file. Prints one line of JSON; a warning of Node
// is part of it. `ENDPOINT` is a simulator of Cognito's API.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const [folder, legacyPool, newPool] = process.argv.slice(2);
const warnings = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

const require = createRequire(import.meta.url);
const name = 'cognito-cutover';
const manifest = require(`${name}/package.json`);
const bin = join(import.meta.dirname, 'node_modules', name, manifest.bin[name]);
const options = { cwd: folder, encoding: 'utf8' };

/** A warning of a process that this one started. */
const keepWarnings = (stderr) =>
  warnings.push(...stderr.split('\n').filter((line) => /^\(node:\d+\) .*Warning/.test(line)));

async function subpaths() {
  for (const subpath of Object.keys(manifest.exports)) {
    const specifier = join(name, subpath).replaceAll('\\', '/');
    if (subpath !== './package.json') await import(specifier);
    require(specifier);
  }
}

async function tokens(pools) {
  const seen = [];
  const anna = pools.person();
  for (const { createCutoverVerifier } of [await import(name), require(name)]) {
    const verifier = createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'access',
    });
    for (const token of [anna.legacy.accessToken(), anna.new.accessToken()]) {
      seen.push((await verifier.verify(token)).userId === anna.userId);
    }
    seen.push((await verifier.verify('x').catch((error) => error)).code);
  }
  return seen;
}

async function expressApp(pools) {
  const { cutoverAuth, getAuth } = await import(`${name}/express`);
  const { default: express } = await import('express');
  const app = express();
  const { legacyPool, newPool } = { legacyPool: pools.legacyPool.options, newPool: pools.newPool.options };
  app.use(cutoverAuth({ legacyPool, newPool, tokenUse: 'access' }));
  app.get('/', (req, res) => res.json(getAuth(req).userId));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await asked(`http://127.0.0.1:${server.address().port}/`, pools);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** The status without a token, with one of each pool, and with one that nobody signed. */
async function asked(address, pools) {
  const anna = pools.person();
  const sent = [undefined, anna.legacy.accessToken(), anna.new.accessToken(), 'x'];
  const status = async (token) =>
    (await fetch(address, { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } })).status;
  return Promise.all(sent.map(status));
}

async function forwardAuth(pools) {
  const config = join(folder, 'forward-auth.json');
  const { legacyPool, newPool } = { legacyPool: pools.legacyPool.options, newPool: pools.newPool.options };
  writeFileSync(config, JSON.stringify({ legacyPool, newPool, tokenUse: 'access' }));
  const args = [bin, 'forward-auth', '--config', config, '--port', '0', '--grace', '0'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      printed[stream] += text;
    });
  }
  const ended = once(child, 'exit');
  try {
    const address = () => /http:\/\/127\.0\.0\.1:\d+/.exec(printed.stdout + printed.stderr)?.[0];
    while (address() === undefined) await Promise.race([once(child.stdout, 'data'), ended.then(() => fail(printed))]);
    return await asked(`${address()}/auth`, pools);
  } finally {
    child.kill();
    await ended;
    keepWarnings(printed.stderr);
  }
}

function fail({ stderr }) {
  throw new Error(`forward-auth ended: ${stderr}`);
}

async function command() {
  const results = {};
  for (const line of [
    `plan --legacy-pool ${legacyPool} --new-pool ${newPool}`,
    'apply --yes',
    'verify',
    'rollback --yes',
  ]) {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [bin, ...line.split(' '), '--json'],
      options,
    );
    keepWarnings(stderr);
    results[line.split(' ')[0]] = JSON.parse(stdout);
  }
  const { outcomes } = results.plan;
  const { written } = results.apply;
  return { set: outcomes.set, written, right: results.verify.right, removed: results.rollback.removed };
}

const { createTestPools } = await import(`${name}/testing`);
const pools = await createTestPools();
try {
  await subpaths();
  const seen = {
    node: process.version,
    tokens: await tokens(pools),
    express: await expressApp(pools),
    forwardAuth: await forwardAuth(pools),
    command: await command(),
  };
  console.log(JSON.stringify({ ...seen, warnings }));
} finally {
  await pools.close();
}
