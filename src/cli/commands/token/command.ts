import { MigrationError } from '../../../migrate/migration-error.js';
import { checkPools } from '../../../verify/pool-options.js';
import { type CommandResult, defineCommand } from '../../define-command.js';
import { folded } from '../../terminal/wrapped.js';
import { readToken } from './read-token.js';
import { explain } from './result.js';
import { tokenLines } from './text.js';
import { tokenFacts } from './token-facts.js';
import { TOKEN_OPTIONS, tokenVerifierOptions } from './token-options.js';
import { tryToken } from './trial.js';

export const tokenCommand = defineCommand({
  name: 'token',
  stage: 'serving',
  summary: 'explain why a token is accepted or refused',
  description:
    'Reads a token from standard input and explains, rule by rule, whether a verifier with these options accepts it, and why. Prints neither the token nor personal claims. Exit code 0: accepted, 1: refused, 3: the keys of the pool are unavailable.',
  examples: [
    'cognito-cutover token < token.txt',
    'cognito-cutover token --new-pool eu-west-1_New --new-clients 6kqh0j3nm4bs8ifv0gqm1n7pcb --token-use access < token.txt',
    'cognito-cutover token --config cutover.json --jwks jwks.json --json < token.txt',
  ],
  options: TOKEN_OPTIONS,
  noArguments:
    'A token is never taken from the command line: shells keep it in their history, and others see it in the list of processes. Pipe it into the command: cognito-cutover token < token.txt',
  run: async (settings, context): Promise<CommandResult> => {
    const now = settings.at?.getTime() ?? context.clock.now();
    const options = await tokenVerifierOptions(settings, now);
    const pools = checkPools(options.legacyPool, options.newPool, options.tokenUse);
    const token = await readToken(context);
    const facts = tokenFacts(token);
    const trial = await tryToken(token, options, facts);
    const explanation = explain(trial, { facts, options, pools, now, hasNewPool: settings.newPool !== undefined });
    const summary = tokenLines(explanation, { facts, now, colours: context.colours });
    if (explanation.code === 'ERR_KEYS_UNAVAILABLE') {
      const { isTTY, columns } = context.stderr;
      for (const line of folded(summary, isTTY ? columns : undefined)) context.screen.note(line);
      const fix = 'Save the key set where its address can be reached, and pass the file as --jwks.';
      throw Object.assign(new MigrationError('ERR_UNAVAILABLE', explanation.message ?? '', { fix }), {
        partial: explanation,
      });
    }
    return { json: explanation, summary, attention: explanation.verdict !== 'accepted' };
  },
});
