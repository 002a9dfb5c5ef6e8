import { relative } from 'node:path';
import { startVitest, type TestCase } from 'vitest/node';
import { type FaultRow, faultRows, isNamedBy } from './fault-rows.js';

/** `npm run faults [-- WORD]`: every fault of docs/reliability.md, or those whose name contains WORD. */
const [word = ''] = process.argv.slice(2);
const rows = faultRows().filter(({ fault }) => fault.toLowerCase().includes(word.toLowerCase()));
if (rows.length === 0) {
  process.stderr.write(`error: no fault of docs/reliability.md contains "${word}"\n`);
  process.exit(2);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const left = new Map(rows.map((row) => [row, [] as TestCase[]]));
const plain = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const fileOf = ({ module }: TestCase) => relative(process.cwd(), module.moduleId);
const wanted = (row: FaultRow, test: TestCase) =>
  isNamedBy(row, { file: fileOf(test), fullName: test.fullName.replaceAll(' > ', ' ') });

const vitest = await startVitest(
  'test',
  [...new Set(rows.map(({ file }) => file))],
  {
    run: true,
    config: 'vitest.faults.config.ts',
    testNamePattern: new RegExp(rows.map(({ title }) => plain(title)).join('|')),
    reporters: [
      {
        onTestModuleEnd(module) {
          for (const test of module.children.allTests()) {
            for (const [row, tests] of left) if (wanted(row, test)) tests.push(test);
          }
          for (const [row, tests] of left) {
            if (row.file === relative(process.cwd(), module.moduleId)) say(lineOf(row, tests));
          }
        },
      },
    ],
  },
  {},
);
await vitest.close();

function stateOf(tests: readonly TestCase[]): 'survived' | 'skipped' | 'FAILED' {
  const states = tests.map((test) => test.result().state);
  if (states.includes('failed') || states.length === 0) return 'FAILED';
  return states.includes('passed') ? 'survived' : 'skipped';
}

function lineOf(row: FaultRow, tests: readonly TestCase[]): string {
  const errors = tests.flatMap((test) => test.result().errors ?? []).map(({ message }) => `\n    ${message}`);
  return `${stateOf(tests).padEnd(8)}  ${row.fault}${errors.join('')}`;
}

const states = [...left.values()].map(stateOf);
const count = (state: string) => states.filter((one) => one === state).length;
const skipped = count('skipped');
const note = skipped === 0 ? '' : `, ${skipped} skipped: this machine lacks what they need`;
say(`\n${count('survived')} faults survived of ${rows.length}${note}`);
process.exitCode = count('FAILED') > 0 ? 1 : 0;
