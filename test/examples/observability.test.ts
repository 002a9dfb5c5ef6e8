import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Meter } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { instrumentsOf } from '../../src/operate/metric-instruments.js';
import { folder } from '../support/folder.js';
import { HAS } from '../support/tools.js';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const directory = join(examples, 'observability');
const textOf = (name: string) => readFileSync(join(directory, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}
const RULES = (parse(textOf('alerts.yml')).groups as { readonly rules: readonly Rule[] }[]).flatMap(
  ({ rules }) => rules,
);

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: unknown;
  readonly targets?: readonly { readonly expr: string; readonly datasource: unknown }[];
}
const DASHBOARD = JSON.parse(textOf('dashboard.json')) as {
  readonly __inputs: readonly { readonly name: string; readonly type: string; readonly pluginId: string }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition: string }[] };
  readonly panels: readonly Panel[];
};
const EXPRESSIONS = DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);

/** The names that a Prometheus exporter gives to what is measured. */
function exportedNames(): ReadonlySet<string> {
  const names: string[] = [];
  const gives =
    (...endings: readonly string[]) =>
    (name: string) =>
      names.push(...endings.map((ending) => `${name.replaceAll('.', '_')}${ending}`));
  instrumentsOf({
    createCounter: gives('_total'),
    createHistogram: gives('_bucket', '_sum', '_count'),
    createObservableGauge: gives(''),
  } as unknown as Meter);
  return new Set(names);
}

describe('the alert rules', () => {
  it('lead to a section of their own, and say what was seen', () => {
    expect(RULES.length).toBeGreaterThan(9);
    for (const { alert, labels, annotations } of RULES) {
      expect(annotations.runbook_url).toMatch(new RegExp(`/docs/operating\\.md#${alert.toLowerCase()}$`));
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(20);
    }
  });

  it('and the dashboard ask for what is measured', () => {
    const exported = exportedNames();
    const asked = [...RULES.map(({ expr }) => expr), ...EXPRESSIONS.map(([, expr]) => expr)].join('\n');
    const names = new Set(asked.match(/\bcognito_cutover_\w+(?=\{|\[| |\))/g)?.filter((name) => !LABELS.has(name)));
    expect([...names].filter((name) => !exported.has(name))).toEqual([]);
    expect(names.size).toBeGreaterThan(4);
  });

  it.skipIf(!HAS.prometheus)('are sound, and fire when they should and only then', async () => {
    const run = promisify(execFile);
    await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd: directory });
    const tests = ['alerts-test.yml', 'alerts-days-test.yml'];
    await run('promtool', ['test', 'rules', ...tests], { cwd: directory });
    const tested = tests.map(textOf).join('');
    expect(RULES.map(({ alert }) => alert).filter((alert) => !tested.includes(`alertname="${alert}"`))).toEqual([]);
  });
});

const LABELS = new Set(
  ['outcome', 'pool', 'user_pool_id', 'client_id', 'user_id_source'].map((name) => `cognito_cutover_${name}`),
);

it.skipIf(!HAS.prometheus)('the names behind a Collector are made as the README says', async () => {
  const dir = folder();
  cpSync(directory, dir, { recursive: true });
  const [, command = ''] = /^```sh\n(sed [^`]*)^```/m.exec(textOf('README.md')) ?? [];
  const run = promisify(execFile);
  await run('sh', ['-c', command], { cwd: dir });
  await run('promtool', ['test', 'rules', 'alerts-days-test.yml'], { cwd: dir });
  const texts = ['alerts.yml', 'dashboard.json'].map((name) => readFileSync(join(dir, name), 'utf8')).join('');
  const names = texts.match(/\bcognito_cutover_(?:\w+_duration|keys_age|legacy_last_seen)\w*/g) ?? [];
  expect(new Set(names)).toEqual(
    new Set([
      'cognito_cutover_token_duration_seconds_bucket',
      'cognito_cutover_resolver_duration_seconds_bucket',
      'cognito_cutover_keys_age_seconds',
      'cognito_cutover_legacy_last_seen_seconds',
    ]),
  );
});

describe('the Grafana dashboard', () => {
  it('can be imported anywhere: the data source is asked for', () => {
    expect(DASHBOARD.__inputs).toMatchObject([{ name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus' }]);
    const source = { type: 'prometheus', uid: `\${${DASHBOARD.__inputs[0]?.name}}` };
    for (const panel of DASHBOARD.panels.filter(({ type }) => type !== 'row')) {
      expect([panel.datasource, ...(panel.targets ?? []).map((target) => target.datasource)]).toEqual([
        source,
        ...(panel.targets ?? []).map(() => source),
      ]);
    }
  });

  it('has panels with a title, a text and a place of their own', () => {
    const { panels } = DASHBOARD;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ type, description }) => type !== 'row' && !description)).toEqual([]);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});

/** What Grafana puts in place of its variables. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:job|pool|client)\b/g, '.*');
}

/** Only with a resolver, and the trial has none. */
const WITHOUT_TRAFFIC = ['Time of a lookup'];

describe.skipIf(!HAS.prometheus)('the example, scraped by Prometheus', () => {
  it('gives data to every panel, and every rule can be evaluated', async () => {
    const shop = await startShop();
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
      .toEqual([...WITHOUT_TRAFFIC, ...WITHOUT_TRAFFIC]);

    // What variables offer.
    for (const { definition } of DASHBOARD.templating.list) {
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
      const { data } = await prometheus.ask(`label/${label}/values`, { 'match[]': filledIn(series) });
      expect(data).not.toEqual([]);
    }
    await expect
      .poll(async () => {
        const { data } = await prometheus.ask('rules', {});
        return Object.fromEntries(
          (data.groups ?? []).flatMap(({ rules }) => rules.map((rule) => [rule.name, rule.health])),
        );
      })
      .toEqual(Object.fromEntries(RULES.map(({ alert }) => [alert, 'ok'])));
    const { data } = await query('sum by (cognito_cutover_pool) (cognito_cutover_token_decisions_total)');
    expect(data.result?.map(({ metric }) => metric['cognito_cutover_pool'] ?? 'none').sort()).toEqual([
      'legacy',
      'new',
      'none',
    ]);
  });
});

async function startShop() {
  const { PATH = '', SystemRoot = '' } = process.env;
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: join(examples, 'express-app'),
    env: { PATH, SystemRoot, PORT: '0', METRICS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });
  const found = { address: '', metrics: '', tokens: [] as string[] };
  for await (const line of createInterface(child.stdout)) {
    found.address ||= /^Listening on (\S+)$/.exec(line)?.[1] ?? '';
    found.metrics ||= /^Metrics at (\S+)$/.exec(line)?.[1] ?? '';
    const token = /Bearer (\S+)'$/.exec(line)?.[1];
    if (token !== undefined) found.tokens.push(token);
    if (found.tokens.length === 4) break;
  }
  return found;
}

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
