import { describe, expect, it } from 'vitest';
import { Troubles } from '../../../../src/cli/commands/forward-auth/troubles.js';

describe('what fails', () => {
  it('is said once, however often it fails, and once more when it works again', () => {
    const notes: string[] = [];
    const troubles = new Troubles((line) => notes.push(line));
    const keys = (outcome: 'failed' | 'refreshed') =>
      troubles.onEvent({
        ...{ type: 'keys', pool: 'new', userPoolId: 'eu-west-1_New', outcome, durationMs: 1 },
        error: new Error('no answer.'),
      });
    for (const outcome of ['refreshed', 'failed', 'failed', 'refreshed', 'refreshed', 'failed'] as const) keys(outcome);
    expect(notes).toEqual([
      'warning: The keys of eu-west-1_New: no answer. It is tried again.',
      'The keys of eu-west-1_New: works again.',
      'warning: The keys of eu-west-1_New: no answer. It is tried again.',
    ]);
  });

  it.each(['no answer', 'no answer.', 'is the network down?'])('ends the sentence of an error: %s', (message) => {
    const notes: string[] = [];
    new Troubles((line) => notes.push(line)).report('A', new Error(message));
    expect(notes).toEqual([`warning: A: ${/[?.]$/.test(message) ? message : `${message}.`} It is tried again.`]);
  });

  it('does not hide something else that fails', () => {
    const notes: string[] = [];
    const troubles = new Troubles((line) => notes.push(line));
    const lookup = (outcome: 'found' | 'failed') =>
      troubles.onEvent({ type: 'resolver', userPoolId: 'a', outcome, durationMs: 1 });
    lookup('failed');
    troubles.onPhases({ type: 'phases', outcome: 'failed', status: { phase: undefined, plan: undefined } });
    lookup('found');
    troubles.onPhases({ type: 'phases', outcome: 'changed', status: { phase: 'open', plan: undefined } });
    expect(notes).toEqual([
      'warning: The legacy ids: cannot be looked up. It is tried again.',
      'warning: The phases: cannot be read. It is tried again.',
      'The legacy ids: works again.',
      'Phase: open.',
      'The phases: works again.',
    ]);
  });
});
