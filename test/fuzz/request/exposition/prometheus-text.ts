/** A text of metrics: each sample by its name and labels, `a{b="c"}` with the labels sorted and as JSON. */
export type Samples = ReadonlyMap<string, number>;

/** As UTF-8 has it: half a character is the one for what cannot be shown. */
const asBytes = (value: unknown): string => Buffer.from(`${value}`).toString();

export const sampleKey = (name: string, labels: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify([
    name,
    ...Object.entries(labels)
      .map(([key, value]) => `${key}=${asBytes(value)}`)
      .sort(),
  ]);

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const NUMBER = /^(?:[+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const fault = (what: string, line: string): never => {
  throw new Error(`${what}: ${JSON.stringify(line.slice(0, 300))}`);
};

/** The value of a label that begins at `from`, behind its quote, and where it ends. */
function valueAt(line: string, from: number): readonly [string, number] {
  let value = '';
  for (let at = from; at < line.length; at++) {
    const one = line[at];
    if (one === '"') return [value, at + 1];
    if (one !== '\\') value += one;
    else {
      at += 1;
      const escaped = line[at];
      if (escaped === 'n') value += '\n';
      else if (escaped === '\\' || escaped === '"') value += escaped;
      else fault('an escape that does not exist', line);
    }
  }
  return fault('a label that does not end', line);
}

function sampleOf(line: string): readonly [name: string, labels: Record<string, string>, value: number] {
  const name = NAME.exec(line)?.[0] ?? fault('no metric begins like this', line);
  const labels: Record<string, string> = Object.create(null);
  let at = name.length;
  if (line[at] === '{') {
    do {
      const label = NAME.exec(line.slice(at + 1))?.[0] ?? fault('no label begins like this', line);
      if (label in labels) fault('a label twice', line);
      at += 1 + label.length;
      if (line.slice(at, at + 2) !== '="') fault('a label without a value', line);
      [labels[label], at] = valueAt(line, at + 2);
    } while (line[at] === ',');
    if (line[at] !== '}') fault('labels without an end', line);
    at += 1;
  }
  const value = line.slice(at + 1);
  if (line[at] !== ' ' || !NUMBER.test(value)) fault('no value', line);
  return [name, labels, Number(value.replace('Inf', 'Infinity'))];
}

/**
 * Reads Prometheus' text format 0.0.4 by its rules, with nothing that they do not allow.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @throws Error at the first line that breaks one
 */
export function samplesIn(bytes: Buffer): Samples {
  const text = bytes.toString();
  const samples = new Map<string, number>();
  const families = new Map<string, string>();
  let family = '';
  if (!text.endsWith('\n')) fault('the last line does not end', text.slice(-100));
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, about, rest = ''] = /^# (HELP|TYPE) ([a-zA-Z0-9_]+)(?: (.*))?$/s.exec(line) ?? [];
    if (keyword === 'TYPE') {
      if (families.has(about as string)) fault('a metric twice', line);
      if (!/^(?:counter|gauge|histogram)$/.test(rest)) fault('a type that does not exist', line);
      family = about as string;
      families.set(family, rest);
    } else if (!line.startsWith('#')) {
      const [name, labels, value] = sampleOf(line);
      const isOfHistogram = families.get(family) === 'histogram' && /_(?:bucket|sum|count)$/.test(name);
      if ((isOfHistogram ? name.replace(/_[a-z]+$/, '') : name) !== family) fault('a sample of another metric', line);
      const key = sampleKey(name, labels);
      if (samples.has(key)) fault('a sample twice', line);
      samples.set(key, value);
    }
  }
  return samples;
}
