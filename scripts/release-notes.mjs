// Prints the section of CHANGELOG.md for a version: node scripts/release-notes.mjs v1.2.3
// Fails where the tag, package.json and CHANGELOG.md do not name the same version, or the section is empty.
import { readFileSync } from 'node:fs';

const [tag = ''] = process.argv.slice(2);
const textOf = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

try {
  const version = tag.replace(/^v/, '');
  const { version: packaged } = JSON.parse(textOf('package.json'));
  if (version !== packaged) throw new Error(`The tag is ${tag || 'missing'}, but package.json has ${packaged}.`);
  console.log(sectionOf(version));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function sectionOf(version) {
  const sections = textOf('CHANGELOG.md').split(/^## /m).slice(1);
  const section = sections.find((one) => one.startsWith(`[${version}] - `));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD".`);
  if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}\n/.test(section)) throw new Error(`The section of ${version} has no date.`);
  const [, body = ''] = /\n([\s\S]*?)(?:\n\[[\w.]+\]: [\s\S]*)?$/.exec(section) ?? [];
  if (body.trim() === '') throw new Error(`The section of ${version} is empty.`);
  return body.trim();
}
