import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folder } from '../support/folder.js';
import { HAS } from '../support/tools.js';
import { start, started } from './express-app-process.js';
import { DASHBOARD, directory, EXPRESSIONS, RULES, textOf } from './observability-files.js';

/** What Grafana puts in place of its variables. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:job|pool|client)\b/g, '.*');
}

/** Only with observe mode or a resolver, and the trial has neither. */
const WITHOUT_TRAFFIC = ['Would be refused, in observe mode', 'Time of a lookup', 'Time of a lookup'];

describe.skipIf(!HAS.prometheus)('the example, scraped by Prometheus', () => {
  it('gives data to every panel, and every rule can be evaluated', async () => {
    const shop = await started(start());
    const prometheus = await startPrometheus(shop.metrics);
    const traffic = async () => {
      for (const token of [...shop.tokens, undefined]) {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        await (await fetch(`${shop.address}/orders`, { headers })).text();
      }
    };
    const query = (expr: string) => prometheus.ask('query', { query: filledIn(expr) });

    let missing = EXPRESSIONS;
    // A rate needs two scrapes, with traffic between them.
    await expect
      .poll(
        async () => {
          await traffic();
          const answers = await Promise.all(
            missing.map(async ([title, expr]) => ({ title, answer: await query(expr) })),
          );
          expect(answers.map(({ answer }) => answer.error).filter(Boolean)).toEqual([]);
          missing = missing.filter((_, at) => !answers[at]?.answer.data.result?.length);
          return missing.map(([title]) => title);
        },
        { timeout: 30_000, interval: 200 },
      )
      .toEqual(WITHOUT_TRAFFIC);

    // What variables offer.
    for (const { definition } of DASHBOARD.templating.list) {
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
      const { data } = await prometheus.ask(`label/${label}/values`, { 'match[]': filledIn(series) });
      expect(data).not.toEqual([]);
    }
    await expect
      .poll(
        async () => {
          const { data } = await prometheus.ask('rules', {});
          return Object.fromEntries(
            (data.groups ?? []).flatMap(({ rules }) => rules.map((rule) => [rule.name, rule.health])),
          );
        },
        { timeout: 20_000 },
      )
      .toEqual(Object.fromEntries(RULES.map(({ alert }) => [alert, 'ok'])));
    const { data } = await query('sum by (cognito_cutover_pool) (cognito_cutover_token_decisions_total)');
    expect(data.result?.map(({ metric }) => metric['cognito_cutover_pool'] ?? 'none').sort()).toEqual([
      'legacy',
      'new',
      'none',
    ]);
  });
});

interface Answer {
  readonly error?: string;
  readonly data: {
    readonly result?: readonly { readonly metric: Readonly<Record<string, string>> }[];
    readonly groups?: readonly { readonly rules: readonly { readonly name: string; readonly health: string }[] }[];
  };
}

/** Prometheus with the configuration of the example, but for the address of the service and its pace. */
async function startPrometheus(metrics: string) {
  const dir = folder();
  cpSync(join(directory, 'alerts.yml'), join(dir, 'alerts.yml'));
  const config = textOf('prometheus.yml')
    .replace('localhost:9464', new URL(metrics).host)
    .replaceAll(/_interval: 15s/g, '_interval: 200ms');
  writeFileSync(join(dir, 'prometheus.yml'), config);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`];
  const child = spawn('prometheus', [...args, '--log.level=error'], {
    cwd: dir,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  const ready = () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(ready, { timeout: 20_000, interval: 50 }).toBe(true);
  return {
    async ask(what: string, parameters: Record<string, string>): Promise<Answer> {
      const response = await fetch(`http://${address}/api/v1/${what}?${new URLSearchParams(parameters)}`);
      return (await response.json()) as Answer;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
