// The packages that an install of cognito-cutover brings, with their licences, as docs/dependencies.md lists them:
// `node scripts/licences.mjs` renews the table there.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const page = new URL('../docs/dependencies.md', import.meta.url);
const TABLE = /(?<=<!-- licences -->\n)[\s\S]*?(?=<!-- end of licences -->)/;

/** Every package of the lock file but this one: its name, whether only developers get it, and its licence. */
export function lockedPackages() {
  return Object.entries(lock.packages)
    .filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true)
    .map(([path, { version, license, dev = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { path, name, version, license, isDev: dev };
    });
}

/** The rows of the table: a licence, and the packages under it. A scope stands for its packages. */
export function licenceTable() {
  const byLicence = new Map();
  for (const { name, license = 'none stated' } of lockedPackages().filter(({ isDev }) => !isDev)) {
    const shown = name.startsWith('@') ? `${name.split('/')[0]}/*` : name;
    byLicence.set(license, (byLicence.get(license) ?? new Set()).add(shown));
  }
  const rows = [...byLicence].sort(([a], [b]) => a.localeCompare(b, 'en'));
  const lines = rows.map(([licence, names]) => {
    const list = [...names].sort((a, b) => a.localeCompare(b, 'en')).map((name) => `\`${name}\``);
    return `| ${licence} | ${list.join(', ')} |`;
  });
  return ['| licence | packages |', '|---|---|', ...lines, ''].join('\n');
}

/** The table as docs/dependencies.md has it. */
export function printedTable() {
  return TABLE.exec(readFileSync(page, 'utf8'))?.[0];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(TABLE, () => licenceTable()),
  );
}
