import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAdapters, printAdapters } from './adapters.js';
import { type BrowseFigure, benchBrowse } from './browse.js';
import { benchDashboard, printDashboard } from './dashboard.js';
import { benchDrain } from './drain.js';
import { benchEvents } from './events.js';
import { runExpressBench } from './express.js';
import { printTable } from './measure.js';
import { benchPublish, type PublishFigures } from './publish.js';
import { benchUnrepeated, printUnrepeated } from './unrepeated.js';
import { benchVerification } from './verification.js';

const HELP = `npm run bench -- [options]

  --only verification|express|unrepeated|adapters|events|drain|publish|browse|dashboard   one of the parts
  --rounds N                    rounds of verification, each of 1 000 tokens per contender (default 30)
  --express-rounds N            rounds with Express, also with tokens that never come again, and with all adapters (default 9)
  --seconds N                   length of one sample of these (default 1)
  --users N                     users of a state, for publish and browse (default 100 000)
  --json                        one JSON document instead of tables`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '30' },
    'express-rounds': { type: 'string', default: '9' },
    seconds: { type: 'string', default: '1' },
    users: { type: 'string', default: '100000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function bench(): Promise<void> {
  const isWanted = (part: string) => values.only === undefined || values.only === part;
  const rounds = Number(values.rounds);
  const verification = isWanted('verification') ? await benchVerification(rounds) : undefined;
  const events = isWanted('events') ? await benchEvents(rounds) : undefined;
  const drain = isWanted('drain') ? benchDrain(rounds) : undefined;
  const users = Number(values.users);
  const publish = isWanted('publish') ? await benchPublish(users) : undefined;
  const browse = isWanted('browse') ? await benchBrowse(users) : undefined;
  const dashboard = isWanted('dashboard') ? await benchDashboard(users) : undefined;
  const http = { rounds: Number(values['express-rounds']), seconds: Number(values.seconds) };
  const adapters = isWanted('adapters') ? await benchAdapters(http) : undefined;
  const behindExpress = isWanted('express') ? await runExpressBench(http) : undefined;
  const unrepeated = isWanted('unrepeated') ? await benchUnrepeated(http.rounds) : undefined;
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  if (values.json) {
    console.log(
      JSON.stringify(
        {
          machine,
          verification,
          events,
          drain,
          publish,
          browse,
          dashboard,
          adapters,
          express: behindExpress,
          unrepeated,
        },
        undefined,
        2,
      ),
    );
    return;
  }
  console.log(
    `Node ${machine.node}, ${machine.cores} x ${machine.cpu}. Medians; a ratio is to the first line, in its own round.`,
  );
  if (verification !== undefined) {
    printTable('Verification, tokens never seen before', 'x raw', verification.cold);
    printTable('Verification, the same 1 000 users again', 'x raw', verification.hot);
  }
  if (events !== undefined) {
    console.log('\nEvents, added to one verification');
    for (const { name, nanoseconds } of events)
      console.log(`  ${name.padEnd(20)}  ${nanoseconds.toFixed(0).padStart(5)} ns`);
  }
  if (drain !== undefined) {
    console.log('\nThe drain monitor, a million distinct users per pool within a day');
    for (const { name, value, unit, most } of drain) {
      const target = most === undefined ? '' : `  (at most ${most})${value > most ? '  MISSED' : ''}`;
      console.log(`  ${name.padEnd(38)}  ${value.toFixed(2).padStart(8)} ${unit}${target}`);
    }
  }
  if (publish !== undefined) printPublish(publish);
  if (browse !== undefined) printBrowse(users, browse);
  if (dashboard !== undefined) printDashboard(users, dashboard);
  if (adapters !== undefined) printAdapters(adapters);
  if (behindExpress !== undefined) {
    printTable('With Express 5, requests per second', 'x constant', behindExpress);
    const cpu = behindExpress.map(({ name, cpuMicroseconds, cpuRatio }) => ({
      name,
      microseconds: cpuMicroseconds,
      ratio: cpuRatio,
    }));
    printTable('With Express 5, CPU time of the server per request', 'x constant', cpu);
  }
  if (unrepeated !== undefined) printUnrepeated(unrepeated);
}

function printPublish(figures: readonly PublishFigures[]): void {
  console.log('\nPublish, and a bare loop of the same client; the same again, when everything is there already');
  for (const { store, users, publishSeconds, publishCpuSeconds, bareSeconds, ratio, ...more } of figures) {
    const times = `${publishSeconds.toFixed(1)} s (${publishCpuSeconds.toFixed(1)} s of CPU), bare ${bareSeconds.toFixed(1)} s (x ${ratio.toFixed(1)})`;
    console.log(
      `  ${store.padEnd(20)}  ${users} users: ${times}, again ${more.againSeconds.toFixed(1)} s; ${more.perSecond.toFixed(0)} users per second`,
    );
  }
}

function printBrowse(users: number, figures: readonly BrowseFigure[]): void {
  console.log(`\nReading a state of ${users} users`);
  for (const { name, milliseconds, most } of figures) {
    const missed = milliseconds > most ? '  MISSED' : '';
    console.log(`  ${name.padEnd(44)}  ${milliseconds.toFixed(1).padStart(7)} ms  (at most ${most})${missed}`);
  }
}

if (values.help) console.log(HELP);
else await bench();
