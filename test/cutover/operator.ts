import type { DrainReport } from '../../src/operate/drain/drain-types.js';
import { startCli } from '../support/cli-process.js';
import type { Plan } from './model.js';

/** The commands that an operator runs, as processes of their own. */
export class Operator {
  constructor(readonly redis: string) {}

  /** Sets all of the plan: what it leaves out is taken back. Answers the phase in force, as the command tells it. */
  async setPlan(plan: Plan): Promise<string> {
    return phaseOf(['phase', 'set', '--to', this.redis, ...optionsOf(plan), '--yes']);
  }

  async phase(): Promise<string> {
    return phaseOf(['phase', 'show', '--to', this.redis]);
  }

  /** @throws when the exit code and the report disagree */
  async drain(refreshSeconds: number, expectInstances: number): Promise<DrainReport> {
    const args = ['drain', '--from', this.redis, '--refresh-lifetime', `${refreshSeconds}s`];
    const { code, stdout, stderr } = await run([...args, '--expect-instances', `${expectInstances}`, '--json']);
    if (code !== 0 && code !== 1) throw new Error(`drain ended with ${code}: ${stderr}`);
    const report = JSON.parse(stdout) as DrainReport;
    if (report.safeToClose !== (code === 0)) throw new Error(`drain ended with ${code}, but reported ${stdout}`);
    return report;
  }
}

async function phaseOf(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run([...args, '--json']);
  if (code !== 0) throw new Error(`${args.slice(0, 2).join(' ')} ended with ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { phase: string }).phase;
}

async function run(args: readonly string[]) {
  return (await startCli(args)).ended;
}

function optionsOf({ announceFrom, acceptSignInsBefore, acceptUntil }: Plan): string[] {
  const date = (time: number | undefined) => (time === undefined ? 'never' : new Date(time).toISOString());
  return [
    ...['--announce-from', date(announceFrom)],
    ...['--accept-sign-ins-before', date(acceptSignInsBefore)],
    ...['--accept-until', date(acceptUntil)],
  ];
}
