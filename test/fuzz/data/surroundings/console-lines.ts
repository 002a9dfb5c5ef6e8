import { inspect } from 'node:util';

/** What the SDK prints by itself ends up beside what the command says. */
export function onConsole() {
  const lines: unknown[][] = [];
  const names = ['log', 'info', 'warn', 'error', 'debug'] as const;
  const before = names.map((name) => [name, console[name]] as const);
  for (const name of names) console[name] = (...line: unknown[]) => void lines.push(line);
  return {
    text: () =>
      lines.map((line) => `${line.map((one) => (typeof one === 'string' ? one : inspect(one))).join(' ')}\n`).join(''),
    close() {
      for (const [name, original] of before) console[name] = original;
    },
  };
}
