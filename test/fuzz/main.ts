import { parseArgs } from 'node:util';
import { DATA_TARGETS } from './data-targets.js';
import { type FuzzResult, fuzz } from './fuzz-run.js';
import { REQUEST_TARGETS } from './request-targets.js';

const TARGETS = [...REQUEST_TARGETS, ...DATA_TARGETS];

const HELP = `Throws hostile input at every trust boundary, until the time is over or an invariant breaks.

npm run fuzz -- [--minutes N] [--seed N] [--only NAME[,NAME]] [--path PATH] [--list]

  --minutes N   of all targets together (default 1)
  --seed N      to see the same inputs again (default: another one each time; it is printed)
  --only NAME   these targets only
  --path PATH   with --seed and --only: the one input of a failure
  --list        the targets
`;

function misuse(message: string): never {
  process.stderr.write(`error: ${message}\n\n${HELP}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string', default: '1' },
        seed: { type: 'string' },
        only: { type: 'string' },
        path: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return misuse((error as Error).message);
  }
}

function row({ name, inputs, seconds, failure }: FuzzResult): string {
  const verdict = failure === undefined ? 'held' : 'BROKEN';
  return `  ${name.padEnd(24)} ${inputs.toLocaleString('en').padStart(12)} inputs  ${seconds.toFixed(0).padStart(5)} s  ${verdict}`;
}

const options = readArguments();
if (options.help) {
  process.stdout.write(HELP);
} else if (options.list) {
  for (const { name, boundary } of TARGETS) console.log(`${name.padEnd(24)} ${boundary}`);
} else {
  const names = options.only?.split(',');
  const unknown = names?.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) misuse(`--only: there is no target ${JSON.stringify(unknown)}; see --list`);
  const minutes = Number(options.minutes);
  if (!(minutes > 0 && minutes <= 1440)) misuse('--minutes: expected a number above 0, at most 1440');
  const seed = options.seed === undefined ? Math.trunc(Math.random() * 0x7fff_ffff) : Number(options.seed);
  if (!Number.isSafeInteger(seed)) misuse('--seed: expected a whole number');
  const targets = TARGETS.filter(({ name }) => names?.includes(name) ?? true);
  if (options.path !== undefined && targets.length !== 1) misuse('--path: needs --only with one target');

  console.log(`seed ${seed}, ${minutes} minutes, ${targets.length} targets`);
  const seconds = (minutes * 60) / targets.length;
  const results: FuzzResult[] = [];
  for (const target of targets) {
    const { path } = options;
    const result = await fuzz(target, { seed, seconds, ...(path === undefined ? {} : { path }) });
    results.push(result);
    console.log(row(result));
    if (result.failure !== undefined) {
      const { failure } = result;
      console.log(`\n${failure.report}\n`);
      console.log(`again: npm run fuzz -- --only ${result.name} --seed ${failure.seed} --path ${failure.path}\n`);
      process.exitCode = 1;
    }
  }
  const inputs = results.reduce((sum, result) => sum + result.inputs, 0);
  const broken = results.filter(({ failure }) => failure !== undefined).length;
  console.log(
    `${inputs.toLocaleString('en')} hostile inputs, ${broken} of ${results.length} boundaries broken, seed ${seed}`,
  );
  // Sockets and timers of a target that broke must not keep the run from ending.
  if (broken > 0) process.exit(1);
}
