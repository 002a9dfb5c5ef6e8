// `npm audit`, where the registry has it. Known advisories are in answered-advisories.json, each with why it does not concern users
// and until when that answer holds. With AUDIT_REQUIRED, a registry without audits is a failure.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const answered = JSON.parse(readFileSync(new URL('answered-advisories.json', import.meta.url), 'utf8'));
const today = new Date().toISOString().slice(0, 10);
const valid = answered.filter(({ until }) => until >= today);

/** Every advisory, by its address, with the packages through which it comes. */
function advisoriesOf({ vulnerabilities }) {
  const found = new Map();
  for (const { name, via } of Object.values(vulnerabilities)) {
    for (const one of via) {
      if (typeof one !== 'string') found.set(one.url, `${one.severity}: ${name}: ${one.title} (${one.url})`);
    }
  }
  return found;
}

const { stdout } = spawnSync('npm', ['audit', '--json', '--audit-level=none'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
  shell: process.platform === 'win32',
});
const result = JSON.parse(stdout);
if (result.vulnerabilities !== undefined) {
  const open = [...advisoriesOf(result)].filter(([url]) => !valid.some((one) => one.url === url));
  for (const [, text] of open) console.error(text);
  console.log(`npm audit: ${open.length} open, ${valid.length} answered`);
  process.exitCode = open.length === 0 ? 0 : 1;
} else if (result.statusCode === 404 || result.statusCode === 405) {
  console.log('npm audit: this registry has no audit endpoint');
  process.exitCode = process.env['AUDIT_REQUIRED'] === 'true' ? 1 : 0;
} else {
  console.error(`npm audit: ${result.message ?? result.error?.summary}`);
  process.exitCode = 1;
}
