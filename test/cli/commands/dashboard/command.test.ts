import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../../src/cli/program.js';
import { systemClock } from '../../../../src/clock.js';
import { folder } from '../../../support/folder.js';
import { run, Screenful } from '../../support.js';

/** The command, running until it is stopped; and the address that it printed. */
async function started(...args: string[]) {
  const stop = new AbortController();
  const [stdout, stderr] = [new Screenful(), new Screenful()];
  const ending = runProgram(['dashboard', '--state', join(folder(), 'cutover.db'), ...args], {
    ...{ stdout, stderr, clock: systemClock, env: { NO_COLOR: '1' }, signal: stop.signal },
    stdin: new PassThrough(),
  });
  onTestFinished(async () => {
    stop.abort();
    await ending;
  });
  await expect.poll(() => stdout.text).toMatch(/\n/);
  const [address = ''] = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//.exec(stdout.text) ?? [];
  return { address, stdout, stderr, ending, stop: () => stop.abort(new Error('stopped by SIGINT')) };
}

describe('dashboard', () => {
  it('prints the address at once, and serves until it is interrupted', async () => {
    const { address, stdout, ending, stop } = await started();
    expect(stdout.text).toMatch(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/\nOnly this machine can open it/);
    const events = await fetch(`${address}events`);
    const lost = events.text().then(
      () => 'ended',
      () => 'ended',
    );
    expect((await fetch(address)).status).toBe(200);
    stop();
    expect(await ending).toBe('done');
    expect(await lost).toBe('ended');
    await expect(fetch(address)).rejects.toThrow();
  });

  it('prints one document with --json, while it serves', async () => {
    const to = join(folder(), 'phases.json');
    const { address, stdout, ending, stop } = await started('--json', '--from', 'redis://u:p@127.0.0.1:1', '--to', to);
    stop();
    await ending;
    const document = JSON.parse(stdout.text);
    expect(document).toEqual({ address, state: expect.any(String), from: ['redis://127.0.0.1:1'], to });
  });

  it('takes from a config file what is meant for it, and not where others publish or import from', async () => {
    const config = join(folder(), 'cutover.json');
    const others = { to: 'mapping.ndjson', from: 'import' };
    const documentFor = async (file: object) => {
      writeFileSync(config, JSON.stringify(file));
      return JSON.parse((await started('--json', '--config', config)).stdout.text);
    };
    expect(await documentFor(others)).toMatchObject({ from: null, to: null });
    const document = await documentFor({ ...others, phases: 'phases.json', drainStores: ['a.ndjson', 'b.ndjson'] });
    expect(document).toMatchObject({ from: ['a.ndjson', 'b.ndjson'], to: 'phases.json' });
  });

  it('shows the stores that are named, without their passwords', async () => {
    const to = join(folder(), 'phases.json');
    const { address } = await started('--from', 'redis://u:hunter2@127.0.0.1:1', '--to', to);
    const page = async () => (await fetch(address)).text();
    await expect.poll(page).toContain('redis://127.0.0.1:1 cannot be read since');
    await expect.poll(page).toContain('No dates are set there');
    expect(await page()).not.toContain('hunter2');
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { ending, stderr } = await run(['dashboard', '--port', `${port}`]);
    expect(ending).toBe('usage');
    expect(stderr).toContain(`--port: port ${port} is in use by another program`);
  });

  it.each([
    [['--port', '70000'], '--port'],
    [['--port', '-1'], '--port'],
    [['--from', 'http://example.com'], '--from'],
    [['--to', 'phases.yaml'], '--to'],
    [['--host', '0.0.0.0'], '--host'],
  ])('refuses %j', async (args, option) => {
    const { ending, stderr } = await run(['dashboard', ...args]);
    expect(ending).toBe('usage');
    expect(stderr).toContain(option);
  });
});
