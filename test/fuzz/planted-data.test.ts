import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSnapshot } from '../../src/assess/snapshot/snapshot-file.js';
import { openFileStore } from '../../src/legacy-id/file-store.js';
import { runApply } from '../../src/migrate/apply.js';
import { readControl } from '../../src/migrate/control/control.js';
import { outside } from '../../src/migrate/control/hours.js';
import { createSessionHandover } from '../../src/triggers/handover/session-handover.js';
import { checkProviderMap } from '../../src/users/identities.js';
import { type CommandRun, runCommand } from './data/command-run.js';
import { handoverEventsBy } from './data/handover/handover-events.js';
import { type ExportCommand, importHeaderBy } from './data/handover/import-header.js';
import { providerMapBy } from './data/handover/provider-map.js';
import { type AssessCommand, assessSnapshotsBy, unquoted } from './data/read-again/assess-snapshots.js';
import { type ControlParts, controlValuesBy } from './data/read-again/control-values.js';
import { fileByHand, fileOf, SUBS, VERSIONS } from './data/read-again/published-files.js';
import { type PublishedParts, publishedValuesBy } from './data/read-again/published-values.js';
import { type EnvironmentCommand, environmentBy } from './data/surroundings/environment.js';
import type { FuzzTarget } from './fuzz-target.js';

/** What the first of these inputs that breaks an invariant says. Without a search for a smaller one, which takes long. */
async function firstFailure(target: FuzzTarget, inputs: number): Promise<string> {
  const session = await target.start();
  try {
    for (const input of fc.sample(session.input, { numRuns: inputs, seed: 7 })) {
      try {
        await session.check(input);
      } catch (error) {
        return (error as Error).message;
      }
    }
    return 'nothing was found';
  } finally {
    await session.close?.();
  }
}

const published = (parts: Partial<PublishedParts>) =>
  publishedValuesBy({ openFile: openFileStore, through: (store) => store, ...parts });
const control = (parts: Partial<ControlParts>) => controlValuesBy({ readControl, outside, runApply, ...parts });
const assess = (change: (run: CommandRun) => CommandRun, parse = parseSnapshot) => {
  const command: AssessCommand = async (args) => change(await runCommand(args));
  return assessSnapshotsBy(command, parse);
};
const exported = (change: (file: string) => string): FuzzTarget => {
  const command: ExportCommand = async (args, clock) => {
    const run = await runCommand(args, { clock });
    const out = args[args.indexOf('--out') + 1] ?? '';
    for (const name of run.ending === 'usage' || run.ending === 'unavailable' ? [] : readdirSync(out)) {
      if (/^import-/.test(name)) writeFileSync(join(out, name), change(readFileSync(join(out, name), 'utf8')));
    }
    return run;
  };
  return importHeaderBy(command);
};
const inEnvironment = (change: (run: CommandRun, env: NodeJS.ProcessEnv) => CommandRun | Promise<CommandRun>) => {
  const command: EnvironmentCommand = async (args, options) => change(await runCommand(args, options), process.env);
  return environmentBy(command);
};
/** Only the answer of one trigger is forged. */
const handover = (source: string, answer: object) =>
  handoverEventsBy((options) => {
    const triggers = createSessionHandover(options);
    const handler = async (event: { triggerSource: string }) => {
      const answered = await triggers.handler(event as never);
      return event.triggerSource.startsWith(source) ? { ...(answered as object), response: answer } : answered;
    };
    return {
      ...{ handler, defineAuthChallenge: handler, createAuthChallenge: handler, verifyAuthChallengeResponse: handler },
    } as never;
  });

it.each<[string, FuzzTarget, number, RegExp]>([
  [
    'published-values: a store that takes a failure for "nothing"',
    published({ through: (store) => ({ get: async (sub) => Promise.resolve(store.get(sub)).catch(() => undefined) }) }),
    40,
    /undefined for user/,
  ],
  [
    'published-values: a store that mixes users up',
    published({ through: (store) => ({ get: (sub) => store.get(sub === SUBS[1] ? SUBS[0] : sub) }) }),
    80,
    /for user 1/,
  ],
  [
    'published-values: a reader that is content with a part of a file',
    published({
      openFile: async (options) => {
        const store = await openFileStore(options);
        return Object.assign(Object.create(store), { reload: () => store.reload().catch(() => {}), get: store.get });
      },
    }),
    40,
    /taken/,
  ],
  [
    'control-values: a rate that may be anything',
    control({ readControl: ({ meta }) => meta.get('plan') as never }),
    60,
    /taken for/,
  ],
  [
    'control-values: a run that keeps to no rate',
    control({ runApply: (run) => runApply({ ...run, rps: 25 }) }),
    120,
    /in a second/,
  ],
  [
    'control-values: hours that never end',
    control({ outside: () => () => undefined }),
    60,
    /in \S+: undefined|hours were made/,
  ],
  ['assess-snapshots: a command that takes everything', assess((run) => ({ ...run, ending: 'done' })), 40, /: taken/],
  [
    'assess-snapshots: a command that moves the cursor',
    assess((run) => ({ ...run, stdout: `${run.stdout}\u001b[2J` })),
    60,
    /control characters/,
  ],
  [
    'assess-snapshots: a sum that is none',
    assess((run) => ({ ...run, stdout: `${run.stdout}NaN users` })),
    60,
    /says NaN/,
  ],
  [
    'import-header: rows whose values are moved',
    exported((file) => file.replace(/^([^,\r\n]*),([^,\r\n]*)/gm, '$2,$1')),
    30,
    /begins with|is \S*, and not/,
  ],
  ['import-header: a row that is gone', exported((file) => file.replace(/\n[^\n]+\n$/, '\n')), 30, /rows/],
  [
    'provider-map: a name that two providers have',
    providerMapBy((value) => ({ ...checkProviderMap(value), toNew: (name) => name })),
    60,
    /becomes/,
  ],
  [
    'handover-events: a trigger that hands over always',
    handover('Verify', { answerCorrect: true }),
    30,
    /hands over a session/,
  ],
  [
    'handover-events: a trigger that never does',
    handover('Verify', { answerCorrect: false }),
    60,
    /hands over nothing/,
  ],
  [
    'handover-events: a trigger that always issues tokens',
    handover('Define', { issueTokens: true }),
    60,
    /issues tokens/,
  ],
  [
    'environment: a command that shows a secret',
    inEnvironment((run, env) => ({ ...run, stderr: `${run.stderr}${env['AWS_SECRET_ACCESS_KEY']}` })),
    10,
    /shows a private value/,
  ],
  [
    'environment: a command that is always coloured',
    inEnvironment((run) => ({ ...run, stderr: `${run.stderr}\u001b[31mred` })),
    10,
    /is coloured/,
  ],
  [
    'environment: a command that calls whom the environment names',
    inEnvironment(async (run, env) => {
      await fetch(`${env['AWS_ENDPOINT_URL']}/`, { method: 'POST', body: 'Action=Other' }).catch(() => {});
      return run;
    }),
    10,
    /called/,
  ],
])('%s: is found', async (_what, target, inputs, report) => {
  expect(await firstFailure(target, inputs)).toMatch(report);
});

it('a published file is read by hand as it was written', () => {
  const text = fileOf(VERSIONS[0]);
  expect(fileByHand(Buffer.from(text))).toEqual(new Map(VERSIONS[0]));
  expect(fileByHand(Buffer.from(text.slice(0, -1)))).toBe('damaged');
  expect(fileByHand(Buffer.from(text.replace('"users":3', '"users":4')))).toBe('damaged');
});

it('what stands outside of the quotes of a command is seen', () => {
  expect(unquoted(`aws --x '$(touch fuzzed)' file://$(touch fuzzed)`)).toBe('aws --x  file://$(touch fuzzed)');
  expect(unquoted(`aws --x 'it'\\''s'`)).toBe('aws --x ');
});
