import { type Channel, channel } from 'node:diagnostics_channel';
import { isThenable } from '../thenable.js';

type Subscriber = (message: unknown, name: string | symbol) => unknown;

/** The part of a channel that Node does not document: who is subscribed. */
interface OpenChannel {
  readonly _subscribers?: readonly Subscriber[] | undefined;
}

/** Whether this Node tells who is subscribed: tried instead of assumed, because it is not documented. Node 20, 22, 24 and 26 do. */
const TELLS = tells();

function tells(): boolean {
  const trial = channel('cognito-cutover:trial');
  const subscriber = () => {};
  trial.subscribe(subscriber);
  try {
    return (trial as OpenChannel)._subscribers?.[0] === subscriber;
  } finally {
    trial.unsubscribe(subscriber);
  }
}

const warned = new Set<string | symbol>();

/**
 * Publishes on a channel. An error of a subscriber, thrown or rejected, ends there: `channel.publish` would raise it as an uncaught
 * exception, which ends the process with all of its requests. Where Node does not tell who is subscribed, `publish` it is.
 */
export function publishTo(to: Channel, message: unknown): void {
  const { _subscribers: subscribers } = to as OpenChannel;
  if (!TELLS || subscribers === undefined) {
    to.publish(message);
    return;
  }
  for (const subscriber of subscribers) {
    try {
      const answer = subscriber(message, to.name);
      if (isThenable(answer)) void settle(answer, to.name);
    } catch (error) {
      warnOnce(to.name, error);
    }
  }
}

async function settle(answer: PromiseLike<unknown>, name: string | symbol): Promise<void> {
  try {
    await answer;
  } catch (error) {
    warnOnce(name, error);
  }
}

function warnOnce(name: string | symbol, error: unknown): void {
  if (warned.has(name)) return;
  warned.add(name);
  const message = `A subscriber of the channel ${String(name)} failed. Requests are not affected. Further failures on this channel are not reported.`;
  const detail = error instanceof Error ? error.stack : undefined;
  process.emitWarning(message, {
    type: 'CutoverWarning',
    code: 'CUTOVER_SUBSCRIBER_FAILED',
    ...(detail !== undefined && { detail }),
  });
}
