import { stopwatch } from '../../../clock.js';
import type { PublishResult } from '../../../migrate/publish.js';
import type { State } from '../../../migrate/state/state.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../command.js';
import { replaceFile } from '../../files/replace-file.js';
import { COMMON_OPTIONS } from '../../options/common.js';
import { flagOption, required } from '../../options/option.js';
import { withState } from '../../pools.js';
import { formatCount, formatDuration, formatTable, formatUsers } from '../../terminal/format.js';
import { explainStoreError, openStore } from './store.js';
import { type FileTarget, type PublishTarget, parseTarget } from './target.js';

const TO = '--to';

export const publishCommand = defineCommand({
  name: 'publish',
  summary: 'put the mapping where verifiers and triggers can read it',
  description:
    'Puts new sub -> legacy id of every user whose legacy id is certain (outcomes "set" and "ok", and new-born users that the plan stamps) into a table, a Redis or a file, and reads some back. Takes minutes, where apply takes hours or days.',
  examples: [
    'cognito-cutover publish --to dynamodb://legacy-ids',
    'cognito-cutover publish --to rediss://cache.example.com:6379',
    'cognito-cutover publish --to mapping.ndjson --json',
  ],
  options: {
    ...COMMON_OPTIONS,
    to: required({
      argument: '<where>',
      help: 'dynamodb://TABLE?region=…, redis://… or FILE.ndjson',
      check: (name: string, value: unknown) => (value === undefined ? undefined : parseTarget(name, value)),
    }),
    again: flagOption('write everything, although the state says it is there'),
  },
  run: (settings, context): Promise<CommandResult> =>
    withState(settings, 'publish', async (state) => {
      const { to, again } = settings;
      const result =
        to.kind === 'file' ? await writeFile(state, to, context) : await fillStore(state, to, again, context);
      return describe(result, to, context);
    }),
});

async function fillStore(
  state: State,
  target: Exclude<PublishTarget, FileTarget>,
  again: boolean,
  { screen, signal, clock }: CommandContext,
): Promise<PublishResult> {
  const { runPublish } = await import('../../../migrate/publish.js');
  const { store, close } = await openStore(TO, target);
  const { name } = target;
  try {
    return await runPublish({
      state,
      store,
      name,
      again,
      clock,
      signal,
      onProgress: screen.progress,
      explain: (error) => explainStoreError(TO, name, error),
    });
  } finally {
    close();
  }
}

/** A file is written whole each time, and put in the place of the old one at once. */
async function writeFile(state: State, { name }: FileTarget, { clock }: CommandContext): Promise<PublishResult> {
  const { readCertainUsers, sampleCertainUsers } = await import('../../../migrate/publish.js');
  const { snapshotEnd, snapshotLine } = await import('../../../legacy-id/snapshot.js');
  const { openFileStore } = await import('../../../legacy-id/file.js');
  const passed = stopwatch(clock);
  const startedAt = passed();
  let users = 0;
  function* lines() {
    for (const { newSub, legacyId } of readCertainUsers(state)) {
      users += 1;
      yield snapshotLine(newSub, legacyId);
    }
    yield snapshotEnd(users);
  }
  await replaceFile(TO, name, lines());
  const store = await openFileStore({ path: name, checkSeconds: null });
  const sample = sampleCertainUsers(state);
  const wrong = sample.filter(({ newSub, legacyId }) => store.get(newSub) !== legacyId).length;
  const seconds = (passed() - startedAt) / 1000;
  return { users, written: users, unchanged: 0, removed: 0, checked: sample.length, wrong, seconds };
}

function describe(result: PublishResult, { name }: PublishTarget, { colours }: CommandContext): CommandResult {
  const { users, written, unchanged, removed, checked, wrong, seconds } = result;
  return {
    json: { to: name, ...result },
    attention: wrong > 0,
    summary: [
      colours.bold(`${formatUsers(users)} can be looked up in ${name}`),
      ...formatTable([
        ['written', `${formatCount(written)} in ${formatDuration(seconds)}`],
        ['unchanged', formatCount(unchanged)],
        ['removed', `${formatCount(removed)} (published by an earlier plan)`],
        ['read back', `${formatCount(checked)}, of which ${formatCount(wrong)} wrong`],
      ]),
      ...(wrong === 0
        ? []
        : ['', 'Something else changed it. Run the same command with --again to write everything anew.']),
    ],
  };
}
