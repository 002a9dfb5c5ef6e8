import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished } from 'vitest';
import { LEGACY_POOL, migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { startDynamoDb } from '../../support/dynamodb.js';
import { fault } from '../fault.js';
import { listenForTest } from '../requests/broken-servers.js';
import { startSyncTrial } from './sync-trial.js';

/** `FAULT_ENDS=30 npm run faults` ends each command so often. */
const TIMES = Number(process.env['FAULT_ENDS'] ?? 5);
const WRITES_IN_FLIGHT = 8;
const WITHIN_MS = 4000;
const [ROLE, timeoutMs] = ['arn:aws:iam::123456789012:role/CognitoImportLogs', 300_000];

/** The users of an export. Pages of a pool arrive in any order, and so do the lines. */
function exported(folder: string): Record<string, readonly string[]> {
  const files = readdirSync(folder).filter((name) => /^(import-|not-imported)/.test(name));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8').split('\n').sort()]));
}

/** A table behind a server that tells of each request. */
async function startTable(onRequest: () => void) {
  const table = await startDynamoDb();
  onTestFinished(() => table.stop());
  const proxy = createServer((req, res) => {
    onRequest();
    const { method = 'POST', headers, url = '/' } = req;
    const passed = request(new URL(url, table.endpoint), { method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(res);
    });
    // The command may be ended in the midst of it.
    passed.on('error', () => res.destroy());
    req.pipe(passed);
  });
  return { ...table, endpoint: `http://127.0.0.1:${await listenForTest(proxy)}` };
}

describe('a command that is ended at random moments', () => {
  fault(
    'rollback is killed or interrupted, again and again',
    'Run again, it takes back everything that apply wrote, nothing else, and repeats at most what was in flight.',
    async () => {
      const trial = await startSyncTrial({ seed: 1 });
      const before = trial.values();
      await trial.run('plan');
      const { written } = await trial.run('apply');
      const ends = await trial.endRepeatedly('rollback', [], TIMES, WITHIN_MS);
      await trial.run('rollback');
      expect(trial.values()).toEqual(before);
      const { journal } = trial.simulator.pool(NEW_POOL);
      const repeated = journal.length - 2 * Number(written);
      console.log(`rollback: ${ends} ends, ${repeated} of ${written} writes repeated`);
      expect(ends).toBeGreaterThan(0);
      expect(repeated).toBeGreaterThanOrEqual(0);
      expect(repeated).toBeLessThanOrEqual(ends * WRITES_IN_FLIGHT);
    },
    { timeoutMs },
  );

  fault(
    'publish to DynamoDB is killed or interrupted, again and again',
    'Nobody is ever published with the id of another person. Run again, it makes the table complete.',
    async () => {
      const trial = await startSyncTrial({ users: 400, seed: 2 });
      const table = await startTable(() => {
        for (const listener of trial.listeners) listener('DynamoDB');
      });
      await trial.run('plan');
      const { users } = (await trial.run('report', ['--outcome', 'set', '--outcome', 'ok'])) as {
        users: { newSub: string; legacySub: string }[];
      };
      const certain = Object.fromEntries(users.map(({ newSub, legacySub }) => [newSub, legacySub]));
      const scan = async () => {
        const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName }));
        return Object.fromEntries(Items.map(({ newSub, legacyId }) => [newSub?.S, legacyId?.S]));
      };
      const to = ['--to', `dynamodb://${table.tableName}?region=eu-west-1&endpoint=${table.endpoint}`];
      let ends = 0;
      for (let turn = 0; turn < TIMES; turn += 1) {
        ends += await trial.endRepeatedly('publish', to, 1, WITHIN_MS, 12);
        expect(certain).toMatchObject(await scan());
      }
      console.log(`publish: ${ends} ends`);
      expect(ends).toBeGreaterThan(0);
      expect(await trial.run('publish', to)).toMatchObject({ wrong: 0, removed: 0 });
      expect(await scan()).toEqual(certain);
    },
    { timeoutMs },
  );

  fault(
    'sync is killed or interrupted, again and again',
    'Run again, it ends as if undisturbed, and repeats at most what was in flight.',
    async () => {
      const undisturbed = await startSyncTrial({ seed: 3 });
      const { apply: expected, verify } = await undisturbed.run('sync');
      const trial = await startSyncTrial({ seed: 3 });
      const ends = await trial.endRepeatedly('sync', [], TIMES, WITHIN_MS);
      expect(await trial.run('sync')).toMatchObject({ verify });
      expect(expected).toMatchObject({ failed: 0 });
      expect(trial.values()).toEqual(undisturbed.values());
      const writes = trial.simulator.pool(NEW_POOL).journal.length;
      const repeated = writes - undisturbed.simulator.pool(NEW_POOL).journal.length;
      console.log(`sync: ${ends} ends, ${repeated} writes repeated`);
      expect(ends).toBeGreaterThan(0);
      expect(repeated).toBeLessThanOrEqual(ends * WRITES_IN_FLIGHT);
    },
    { timeoutMs },
  );

  fault(
    'export-csv and import-csv are killed or interrupted, again and again',
    'Run again, they end with the same users in the files and with every user imported once.',
    async () => {
      const pools = migrationPair({ users: 300, notMigrated: 200 });
      const trial = await startSyncTrial({ pools, seed: 4 });
      await trial.run('plan');
      const [out, reference] = [join(trial.home, 'import'), join(trial.home, 'reference')];
      await trial.run('export-csv', ['--out', reference]);
      const exportEnds = await trial.endRepeatedly('export-csv', ['--out', out], TIMES, WITHIN_MS);
      await trial.run('export-csv', ['--out', out]);
      expect(exported(out)).toEqual(exported(reference));
      const importing = ['--from', out, '--logs-role-arn', ROLE];
      const importEnds = await trial.endRepeatedly('import-csv', importing, TIMES, WITHIN_MS, 10);
      const result = await trial.run('import-csv', importing);
      console.log(`export-csv: ${exportEnds} ends; import-csv: ${importEnds} ends, ${JSON.stringify(result)}`);
      expect(Math.min(exportEnds, importEnds)).toBeGreaterThan(0);
      expect(result).toMatchObject({ confirmed: 200, missing: 0, failed: 0 });
      const users = [...trial.simulator.pool(NEW_POOL).users.all()];
      expect(users).toHaveLength(300);
      expect(new Set(Object.values(trial.values())).size).toBe(200);
      expect([...trial.simulator.pool(LEGACY_POOL).users.all()]).toHaveLength(300);
    },
    { timeoutMs },
  );
});
