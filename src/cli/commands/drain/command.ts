import { ConfigurationError } from '../../../errors.js';
import { type CommandResult, defineCommand } from '../../define-command.js';
import { openDrainStores } from '../../drain-stores.js';
import { askAbout } from '../confirm.js';
import { DRAIN_OPTIONS } from './drain-options.js';
import { drainLines } from './text.js';

function checkGoneAt(goneAt: number, gone: readonly string[] | undefined, now: number): void {
  if (gone === undefined) throw new ConfigurationError('--gone-at', 'says when an instance ended: name it with --gone');
  if (goneAt > now) throw new ConfigurationError('--gone-at', 'is in the future: an instance that runs is not gone');
}

export const drainCommand = defineCommand({
  name: 'drain',
  stage: 'serving',
  summary: 'tell whether the legacy pool can be closed, and why not',
  description:
    'Reads what the instances of your APIs counted (createDrainMonitor) and answers whether the legacy pool can be closed. Whatever cannot be told counts as "not yet". Exit code 0: safe to close, 1: not yet, for the reasons given.',
  examples: [
    'cognito-cutover drain --from redis://cache.example.com:6379 --legacy-pool eu-west-1_Old',
    "cognito-cutover drain --from 'dynamodb://cutover-drain?region=eu-west-1' --refresh-lifetime 30d --json",
    'cognito-cutover drain --from redis://cache.example.com:6379 --gone api-7f9c',
  ],
  options: DRAIN_OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { from, gone, goneAt, sessions, yes } = settings;
    if (goneAt !== undefined) checkGoneAt(goneAt, gone, context.clock.now());
    // At once: nobody should wait for answers, and hear then that a question cannot be asked.
    const ask = askAbout(yes || (gone === undefined && !sessions), context);
    const { stores, close } = await openDrainStores(from, { option: '--from', clock: context.clock });
    try {
      const { sayGone } = await import('./say-gone.js');
      const { answerDrain } = await import('./answer.js');
      if (gone !== undefined) await sayGone(stores, { names: gone, at: goneAt }, ask, context);
      const result = await answerDrain(stores, settings, ask, context);
      return { json: result, attention: !result.safeToClose, summary: drainLines(result, context) };
    } finally {
      close();
    }
  },
});
