import { runCommand, skippingClock } from './command-run.js';

/** A process that runs command lines for its parent: the SQLite driver ends a process that reads text which is not UTF-8. */
process.on('message', (args: readonly string[]) => {
  runCommand(args, { clock: skippingClock() }).then(
    (run) => process.send?.({ run }),
    (error: unknown) =>
      process.send?.({ thrown: error instanceof Error ? (error.stack ?? error.message) : `${error}` }),
  );
});
process.on('disconnect', () => process.exit(0));
process.on('unhandledRejection', (error) => process.send?.({ thrown: `unhandled: ${error}` }));
