import { Stage, type StageOptions } from './stage.js';

export async function runCutover(options: StageOptions): Promise<Stage> {
  const stage = await Stage.open(options);
  try {
    await stage.start();
    const { people } = stage.town;
    const [legacy, other] = [people.filter((_, n) => n % 2 === 0), people.filter((_, n) => n % 2 === 1)];
    await stage.pass(4);
    stage.move(legacy);
    await stage.pass(3);
    stage.rotate('legacy');
    await stage.pass(1);
    stage.rotate('new');
    await stage.pass(1);
    await stage.publish(people.slice(0, -5));
    await stage.keysFail('new', 'error', 6);
    await stage.kill(stage.fleet[1]!);
    await stage.pass(2);
    await stage.restart(stage.fleet[1]!);
    await stage.redisHangs(3);
    await stage.pass(5);
    stage.move(other);
    await stage.pass(8);
  } finally {
    await stage.close();
  }
  return stage;
}
