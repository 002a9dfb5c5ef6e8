import { mutate, type Result } from './mutate.js';
import { PLACES, THRESHOLD } from './places.js';

const names = process.argv.slice(2);
const unknown = names.find((name) => !PLACES.some((place) => place.name === name));
if (unknown !== undefined) {
  process.stderr.write(`error: ${unknown}: expected ${PLACES.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const percentage = ({ killed, survivors }: Result) => (100 * killed) / (killed + survivors.length);
const results: Result[] = [];
for (const place of PLACES.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const result = await mutate(place);
  for (const line of result.survivors) console.log(line);
  results.push(result);
}
console.log('\n  place        killed  survived  percentage');
for (const result of results) {
  const { name, killed, survivors } = result;
  console.log(
    `  ${name.padEnd(11)} ${String(killed).padStart(7)} ${String(survivors.length).padStart(9)} ${percentage(result).toFixed(1).padStart(9)} %`,
  );
}
process.exitCode = results.every((result) => percentage(result) >= THRESHOLD) ? 0 : 1;
