import { copyFileSync } from 'node:fs';
import { createServer, type RequestListener, request } from 'node:http';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished } from 'vitest';
import { runBin } from '../../cli/support.js';
import { startDynamoDb } from '../../support/dynamodb.js';
import { folder } from '../../support/folder.js';
import { fault } from '../fault.js';
import { listenForTest } from '../requests/broken-servers.js';
import { documentOf, startSyncTrial } from './sync-trial.js';

const refusing = (status: number, name: string): RequestListener => {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' });
  return (_req, res) => void res.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body);
};

/** What goes wrong after the first request, how often, and whether publish goes on by itself. */
const OUTAGES: Readonly<
  Record<string, { readonly by: RequestListener; readonly times: number; readonly ends: 0 | 3 }>
> = {
  throttled: { by: refusing(400, 'ProvisionedThroughputExceededException'), times: 12, ends: 0 },
  silent: { by: () => {}, times: 2, ends: 0 },
  failing: { by: refusing(500, 'InternalServerError'), times: Number.POSITIVE_INFINITY, ends: 3 },
  resetting: { by: ({ socket }) => void socket.resetAndDestroy(), times: Number.POSITIVE_INFINITY, ends: 3 },
};

/** A table behind a server that passes requests on, unless it is told to do something else. */
async function startTable() {
  const table = await startDynamoDb();
  onTestFinished(() => table.stop());
  const broken = { by: (() => {}) as RequestListener, left: 0, passes: 0 };
  const proxy = createServer((req, res) => {
    if (broken.passes > 0) broken.passes -= 1;
    else if (broken.left > 0) {
      broken.left -= 1;
      broken.by(req, res);
      return;
    }
    const { method, headers, url = '/' } = req;
    const passed = request(new URL(url, table.endpoint), { method: method ?? 'POST', headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    req.pipe(passed);
  });
  const endpoint = `http://127.0.0.1:${await listenForTest(proxy)}`;
  const content = async () => {
    const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName }));
    return Object.fromEntries(Items.map(({ newSub, legacyId }) => [newSub?.S, legacyId?.S]));
  };
  return { broken, content, to: `dynamodb://${table.tableName}?region=eu-west-1&endpoint=${endpoint}` };
}

describe('the table of publish', () => {
  fault(
    'DynamoDB throttles, does not answer, fails or resets connections in the midst of publish',
    'publish repeats calls that are throttled or not answered within two seconds and goes on; otherwise it ends with 3, without a stack trace. Nobody is published with the id of another person, and the same command makes the table complete.',
    async () => {
      const trial = await startSyncTrial({ users: 120, seed: 11 });
      await trial.run('plan');
      const { users } = (await trial.run('report', ['--outcome', 'set', '--outcome', 'ok'])) as {
        users: { newSub: string; legacySub: string }[];
      };
      const certain = Object.fromEntries(users.map(({ newSub, legacySub }) => [newSub, legacySub]));
      const outages = Object.entries(OUTAGES).map(async ([name, { by, times, ends }]) => {
        const { broken, content, to } = await startTable();
        const state = join(folder(), 'cutover.db');
        copyFileSync(trial.state, state);
        const publish = () => runBin(['publish', '--state', state, '--to', to, '--json']).ended;
        Object.assign(broken, { by, left: times, passes: 1 });
        const ended = await publish();
        expect([name, ended.code], ended.stderr).toEqual([name, ends]);
        expect(ended.stderr).not.toContain('    at ');
        if (ends === 3) expect(documentOf(ended)).toMatchObject({ error: { code: 'ERR_UNAVAILABLE' } });
        expect(certain).toMatchObject(await content());
        broken.left = 0;
        const again = await publish();
        expect([name, again.code], again.stderr).toEqual([name, 0]);
        expect([name, await content()]).toEqual([name, certain]);
      });
      await Promise.all(outages);
    },
    { timeoutMs: 120_000 },
  );
});
