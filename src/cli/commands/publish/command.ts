import type { PublishResult } from '../../../migrate/publish/publish.js';
import type { State } from '../../../migrate/state/state.js';
import { formatCount } from '../../../words.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../define-command.js';
import { defined, REMOVAL_OPTIONS, STATE_OPTIONS } from '../../options/common.js';
import { flagOption, required, valueOption } from '../../options/option.js';
import { type FileAddress, type StoreAddress, storeAddress } from '../../options/store-address.js';
import { withState } from '../../pools.js';
import { explainStoreError } from '../../store-connection.js';
import { formatDuration, formatTable, formatUsers } from '../../terminal/format.js';
import { openStore, PUBLISH_NEEDS } from './open-store.js';
import { publishedFile } from './removals.js';

const TO = '--to';

/** Where the mapping is published. */
export const TARGET_OPTION = valueOption(
  '<where>',
  'where to publish: dynamodb://TABLE?region=REGION, redis://HOST:PORT or FILE.ndjson',
  storeAddress('.ndjson'),
);

export const publishCommand = defineCommand({
  name: 'publish',
  stage: 'serving',
  summary: 'put the mapping where verifiers and triggers can read it',
  description:
    'Writes the legacy id of every new sub to a DynamoDB table, to Redis or to a file, and reads a sample back. Publishes users whose legacy id is certain: those with the outcomes "set" and "ok", and new-born users if the plan gives them their own sub. Takes minutes, where apply takes hours or days.',
  examples: [
    "cognito-cutover publish --to 'dynamodb://legacy-ids?region=eu-west-1'",
    'cognito-cutover publish --to rediss://cache.example.com:6379',
    'cognito-cutover publish --to mapping.ndjson --json',
  ],
  options: {
    ...STATE_OPTIONS,
    to: required(TARGET_OPTION),
    again: flagOption('write everything again, even what the state file says is there'),
    ...REMOVAL_OPTIONS,
  },
  run: (settings, context): Promise<CommandResult> =>
    withState(settings, 'publish', async (state) => {
      const { to, again, allowRemovals } = settings;
      const result = await publishPlan(state, to, { again, ...defined({ allowRemovals }) }, context);
      return describe(result, to, context);
    }),
});

/** Makes the place hold what the finished plan says. */
export function publishPlan(
  state: State,
  to: StoreAddress,
  how: PublishHow,
  context: CommandContext,
): Promise<PublishResult> {
  return to.kind === 'file' ? fillFile(state, to, how, context) : fillStore(state, to, how, context);
}

interface PublishHow {
  readonly again: boolean;
  readonly allowRemovals?: number;
}

async function fillStore(
  state: State,
  target: Exclude<StoreAddress, FileAddress>,
  how: PublishHow,
  { screen, signal, clock }: CommandContext,
): Promise<PublishResult> {
  const { runPublish } = await import('../../../migrate/publish/publish.js');
  const { store, close } = await openStore(TO, target);
  const { name } = target;
  try {
    return await runPublish({
      state,
      store,
      name,
      ...how,
      clock,
      signal,
      onProgress: screen.progress,
      explain: (error) => explainStoreError(TO, name, error, PUBLISH_NEEDS),
    });
  } finally {
    close();
  }
}

async function fillFile(
  state: State,
  { name }: FileAddress,
  { allowRemovals }: PublishHow,
  { signal, clock }: CommandContext,
): Promise<PublishResult> {
  const { runPublishToFile } = await import('../../../migrate/publish/publish-file.js');
  return runPublishToFile({ state, ...publishedFile(name), ...defined({ allowRemovals }), clock, signal });
}

function describe(result: PublishResult, { name }: StoreAddress, { colours }: CommandContext): CommandResult {
  const { users, written, unchanged, removed, checked, wrong, seconds } = result;
  return {
    json: { to: name, ...result },
    attention: wrong > 0,
    summary: [
      colours.bold(`${formatUsers(users)} can be looked up in ${name}`),
      ...formatTable([
        ['written', `${formatCount(written)} in ${formatDuration(seconds)}`],
        ['unchanged', formatCount(unchanged)],
        ['removed', `${formatCount(removed)} (published by an earlier plan, or with another legacy id)`],
        ['read back', `${formatCount(checked)}, of which ${formatCount(wrong)} wrong`],
      ]),
      ...(wrong === 0
        ? []
        : ['', 'Something else changed it. Run the same command with --again to write everything again.']),
    ],
  };
}
