import { execFile } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Meter } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { instrumentsOf } from '../../src/operate/metric-instruments.js';
import { folder } from '../support/folder.js';
import { HAS } from '../support/tools.js';
import { DASHBOARD, directory, EXPRESSIONS, RULES, textOf } from './observability-files.js';

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
  ['outcome', 'mode', 'pool', 'user_pool_id', 'client_id', 'user_id_source'].map((name) => `cognito_cutover_${name}`),
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
      'cognito_cutover_keys_fetch_duration_seconds_count',
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
