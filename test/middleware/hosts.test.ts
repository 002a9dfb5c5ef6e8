import express from 'express';
import express4 from 'express4';
import { afterAll } from 'vitest';
import { createTestPools } from '../../src/testing/index.js';
import { hostSuite } from '../support/host-suite.js';
import { expressHost } from '../support/hosts/express.js';
import { fastifyHost } from '../support/hosts/fastify.js';
import { honoOnFetch, honoOnNode } from '../support/hosts/hono.js';
import { koaHost } from '../support/hosts/koa.js';
import { nestGuardsOnFastify, nestHost } from '../support/hosts/nest.js';
import { watchProcess } from './support.js';

watchProcess();

const pools = await createTestPools({ serve: false });
afterAll(() => pools.close());

const hosts = [
  expressHost('Express 5', express),
  expressHost('Express 4', express4),
  fastifyHost,
  honoOnNode,
  honoOnFetch,
  koaHost,
  nestHost,
  nestGuardsOnFastify,
];
for (const host of hosts) hostSuite(host, pools);
