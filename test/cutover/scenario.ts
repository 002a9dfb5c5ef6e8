import { KNOWN_KEYS_SECONDS, MISSED_SECONDS } from './seconds.js';
import { Stage, type StageOptions } from './stage.js';
import { turbulence } from './turbulence.js';

export interface CutoverOptions extends StageOptions {
  /** How long things happen at random, before the legacy pool is closed for good. */
  readonly turbulenceSeconds: number;
}

/** A whole cutover: open, announced, sign-ins refused, closed, undone, closed for good; everything that can fail does on the way. */
export async function runCutover(options: CutoverOptions): Promise<Stage> {
  const stage = await Stage.open(options);
  try {
    await play(stage, options.turbulenceSeconds);
  } catch (error) {
    // The faults until then say more.
    stage.brokenOff = error;
    stage.timeline.say(`FAULT: it cannot go on. ${error}`);
  } finally {
    await stage.close();
  }
  return stage;
}

async function play(stage: Stage, turbulenceSeconds: number): Promise<void> {
  const { fleet, town } = stage;
  const [first, second] = fleet;
  if (first === undefined || second === undefined) throw new Error('no fleet');
  const third = (n: number) => town.people.filter((_, index) => index % 3 === n);

  await stage.start();
  await stage.pass(3);
  await stage.drain.ask();
  stage.move(third(0));
  stage.rotate('legacy');
  await stage.pass(2);

  const announceFrom = Date.now();
  await stage.setPlan('announced', { announceFrom });
  await stage.publish(third(0));
  stage.rotate('new');
  await stage.pass(KNOWN_KEYS_SECONDS);
  await stage.keysFail('new', 'error', 5);
  await stage.publish(third(1));

  await stage.kill(second);
  await stage.pass(MISSED_SECONDS);
  await stage.drain.ask();
  await stage.restart(second);

  const acceptSignInsBefore = Date.now();
  await stage.setPlan('sign-ins-refused', { announceFrom, acceptSignInsBefore });
  stage.move(third(1));
  stage.signInAgain(third(2).slice(0, 5));
  await Promise.all([stage.redisHangs(4), stage.pass(1).then(() => stage.drain.ask())]);
  await stage.keysFail('legacy', 'hang', 4);

  await stage.setPlan('closed', { announceFrom, acceptSignInsBefore, acceptUntil: Date.now() });
  await stage.pass(4);

  await stage.setPlan('announced', { announceFrom });
  stage.signInAgain(third(2));
  await stage.pass(4);
  await stage.drain.ask();

  await turbulence(stage, turbulenceSeconds);

  // Five never move. Their tokens are refused, which must not keep the pool from being safe to close.
  stage.move(third(2).slice(5));
  town.machines = ['new'];
  await stage.publish(third(2));
  const end = Date.now();
  await stage.setPlan('closed', { announceFrom, acceptSignInsBefore: end, acceptUntil: end });
  await stage.drain.ask();
  stage.rotate('new');
  await stage.showPhase('closed');
  await stage.drain.untilQuiet();
  await stage.drain.ask();

  await stage.kill(first);
  await stage.pass(MISSED_SECONDS);
  await stage.drain.ask();
  await stage.restart(first);
  await stage.pass(4);
  await stage.drain.ask();
  await stage.drain.untilQuiet();
  await stage.drain.ask();

  await second.end('SIGTERM');
  stage.timeline.say(`${second.name} ends, and says goodbye`);
  await stage.pass(4);
  await stage.drain.ask(2);
  await stage.drain.ask(3);
  await stage.stopLoad();
  await stage.checkMetrics();
  await Promise.all(fleet.map((instance) => instance.end('SIGTERM')));
  stage.timeline.say('all APIs have ended');
  await stage.drain.ask(1);
  await stage.stopRedis();
  await stage.drain.ask(1);
}
