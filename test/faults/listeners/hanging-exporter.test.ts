import { createServer } from 'node:http';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import express from 'express';
import request from 'supertest';
import { expect } from 'vitest';
import { cutoverAuth } from '../../../middleware/express.js';
import { instrumentCutover } from '../../../src/operate/metrics.js';
import { createTestPools } from '../../../src/testing/index.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { noteProcessFaults } from '../../support/process-faults.js';
import { fault } from '../fault.js';
import { listenForTest } from '../requests/broken-servers.js';

const processFaults = noteProcessFaults();

/** Sends what was recorded over HTTP, as the exporters of OpenTelemetry do, and waits for the answer without a limit. */
function exporterTo(url: string): PushMetricExporter {
  return {
    export: (metrics, done) => {
      const body = JSON.stringify(
        metrics.scopeMetrics.map(({ metrics: all }) => all.map(({ dataPoints }) => dataPoints)),
      );
      fetch(url, { method: 'POST', body }).then(
        () => done({ code: 0 }),
        (error) => done({ code: 1, error }),
      );
    },
    forceFlush: async () => {},
    shutdown: async () => {},
    selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
  };
}

fault(
  'the endpoint of the metrics exporter accepts connections and never answers, or resets them',
  'requests are answered as without metrics, and what was recorded meanwhile arrives with the first export that is answered',
  async ({ onTestFinished }) => {
    const bodies: string[] = [];
    let conduct: 'hang' | 'reset' | 'answer' = 'hang';
    const exports = { hang: 0, reset: 0, answer: 0 };
    const collector = createServer((req, res) => {
      let body = '';
      req.on('data', (text) => {
        body += text;
      });
      req.on('end', () => {
        exports[conduct] += 1;
        if (conduct === 'hang') return;
        if (conduct === 'reset') return void res.socket?.resetAndDestroy();
        bodies.push(body);
        res.end();
      });
    });
    const exporter = exporterTo(`http://127.0.0.1:${await listenForTest(collector)}`);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 40, exportTimeoutMillis: 40 });
    const provider = new MeterProvider({ readers: [reader] });
    const recording = instrumentCutover({ meter: provider.getMeter('cognito-cutover') });
    const pools = await createTestPools({ serve: false });
    onTestFinished(async () => {
      recording.close();
      await provider.shutdown();
      await pools.close();
    });
    const verifier = createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'access',
    });
    const app = express().use(cutoverAuth({ verifier }), (_req, res) => void res.json({}));
    const token = pools.person().new.accessToken();
    const ask = async () => {
      const asked = Array.from({ length: 10 }, () => request(app).get('/').auth(token, { type: 'bearer' }));
      expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([200]));
    };
    for (const next of ['hang', 'reset', 'answer'] as const) {
      conduct = next;
      await ask();
      // An export that ran into it, and one while it lasts.
      await expect.poll(() => exports[next]).toBeGreaterThan(1);
      await ask();
    }
    const accepted = '"cognito_cutover.outcome":"accepted"';
    await expect.poll(() => bodies.filter((body) => body.includes(accepted)).at(-1)).toMatch(/"value":60\b/);
    expect(processFaults).toEqual([]);
  },
);
