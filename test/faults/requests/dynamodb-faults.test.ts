import { createServer, type RequestListener } from 'node:http';
import { expect } from 'vitest';
import { createDynamoDbStore } from '../../../src/legacy-id/dynamodb.js';
import { createDynamoDbOnceStore } from '../../../src/once/dynamodb-once-store.js';
import { createDynamoDbDrainStore } from '../../../src/operate/drain/stores/dynamodb-drain-store.js';
import { createDynamoDbPhaseStore } from '../../../src/operate/phases/dynamodb-phase-store.js';
import { runOf } from '../../operate/drain/support.js';
import { fault } from '../fault.js';
import { listenForTest } from './broken-servers.js';

const failing = (status: number, name: string): RequestListener => {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' });
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body);
  };
};

const CONDUCT: Readonly<Record<string, RequestListener>> = {
  throttled: failing(400, 'ProvisionedThroughputExceededException'),
  'internal error': failing(500, 'InternalServerError'),
  'expired credentials': failing(400, 'ExpiredTokenException'),
  'no table': failing(400, 'ResourceNotFoundException'),
  reset: ({ socket }) => void socket.resetAndDestroy(),
  silent: () => {},
  'not DynamoDB': (_request, response) => void response.end('<html></html>'),
  'an empty answer': (_request, response) => void response.writeHead(503).end(),
};

fault(
  'DynamoDB throttles, fails, resets, hangs, or something else answers in its place',
  'no store takes it for "nothing there": each call rejects, after two attempts of a second at most',
  async ({ onTestFinished }) => {
    for (const [conduct, listener] of Object.entries(CONDUCT)) {
      const endpoint = `http://127.0.0.1:${await listenForTest(createServer(listener))}`;
      const at = { tableName: 'table', region: 'eu-west-1', endpoint };
      const stores = [createDynamoDbStore(at), createDynamoDbOnceStore(at), createDynamoDbDrainStore(at)] as const;
      const phases = createDynamoDbPhaseStore(at);
      onTestFinished(() => {
        for (const store of [...stores, phases]) store.close();
      });
      const [ids, once, drain] = stores;
      const run = runOf({ startedAt: 0, reportedAt: 0 });
      const calls = {
        'a legacy id': ids.get('sub'),
        'a used token': once.claim('name', Date.now() / 1000 + 60),
        'counts written': drain.write(run, []),
        'counts read': drain.read(new Date().toISOString().slice(0, 10)),
        'the phases': Promise.resolve(phases.read()),
      };
      const outcomes = Object.entries(calls).map(async ([what, call]) => {
        const outcome = await call.then(
          (value) => `answered ${JSON.stringify(value)}`,
          () => 'rejected',
        );
        return [conduct, what, outcome];
      });
      for (const one of await Promise.all(outcomes)) expect(one).toEqual([conduct, one[1], 'rejected']);
    }
  },
);
