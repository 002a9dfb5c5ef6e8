import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { PreTokenGenerationTriggerEvent } from 'aws-lambda';
import express, { type ErrorRequestHandler } from 'express';
import request from 'supertest';
import { expect, vi } from 'vitest';
import { cutoverAuth } from '../../../middleware/express.js';
import { createDrainMonitor } from '../../../src/operate/drain/drain-monitor.js';
import { CHANNELS } from '../../../src/operate/events.js';
import { createPhases } from '../../../src/operate/phases/phases.js';
import { createTestPools, type TestPools } from '../../../src/testing/index.js';
import { createPreTokenGenerationTrigger } from '../../../src/triggers/pre-token-generation.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { noteProcessFaults } from '../../support/process-faults.js';
import { eventBase } from '../../triggers/support.js';
import { fault } from '../fault.js';

const processFaults = noteProcessFaults();

/** What a listener may do wrong. */
const CONDUCT: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('full disk');
  },
  rejects: () => Promise.reject(new Error('full disk')),
  'never settles': () => new Promise(() => {}),
  'answers something whose then throws': () => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of a broken library
    then: () => {
      throw new Error('no promise');
    },
  }),
};

const down = async (): Promise<never> => {
  throw new Error('down');
};

/** Every listener that the package calls, all of the same conduct, and what the API answers meanwhile. */
async function answersWhileListeners(
  conduct: (() => unknown) | undefined,
  pools: TestPools,
  onTestFinished: (end: () => void) => void,
) {
  const heard = new Set<string>();
  const listen = (name: string) => () => {
    heard.add(name);
    return conduct?.();
  };
  for (const channel of Object.values(CHANNELS)) {
    const subscriber = listen(channel);
    subscribe(channel, subscriber);
    onTestFinished(() => void unsubscribe(channel, subscriber));
  }
  let isSourceDown = true;
  const source = async () => (isSourceDown ? down() : { announceFrom: '2026-01-01T00:00:00Z' });
  const phases = createPhases({ source, initial: {}, onEvent: listen('phases') });
  await phases.ready();
  isSourceDown = false;
  await phases.refresh();
  const store = { name: 'none', write: down, read: down, forget: down } as const;
  const drain = createDrainMonitor({ store, instance: 'api', onError: listen('drain') });
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    legacyTokens: phases,
    legacyId: { resolve: async () => '0b6a3f0e-5c3e-4a8e-9d7e-111111111111' },
    onEvent: listen('verifier'),
  });
  onTestFinished(() => {
    phases.close();
    verifier.close();
  });
  const app = express();
  app.use('/observed', cutoverAuth({ verifier, mode: 'observe', onDecision: listen('observing') }));
  app.use(cutoverAuth({ verifier, onDecision: listen('enforcing') }));
  app.use((req, res) => void res.json(req.auth?.userId));
  const refuse: ErrorRequestHandler = ({ status, code }, _req, res, _next) => void res.status(status).json(code);
  app.use(refuse);
  const anna = pools.person();
  const tokens = {
    mapped: anna.new.accessToken(),
    'looked up': pools.person({ mapped: false }).new.accessToken(),
    legacy: anna.legacy.accessToken(),
    garbage: 'a.b.c',
  };
  const answers: Record<string, unknown> = {};
  for (const path of ['/', '/observed']) {
    for (const [name, token] of Object.entries(tokens)) {
      const { status, body } = await request(app).get(path).auth(token, { type: 'bearer' });
      answers[`${name} at ${path}`] = [status, body === anna.userId ? 'right' : body];
    }
  }
  await drain.close();
  const trigger = createPreTokenGenerationTrigger({
    store: { get: down },
    onStoreFailure: 'omit',
    onFault: listen('trigger'),
  });
  const event = {
    ...eventBase('TokenGeneration_Authentication', 'anna'),
    request: { userAttributes: { sub: anna.new.sub }, groupConfiguration: {} },
    response: {},
  } as unknown as PreTokenGenerationTriggerEvent;
  answers['trigger'] = (await trigger(event)).response;
  await new Promise(setImmediate);
  return { answers, heard: [...heard].sort() };
}

fault(
  'every listener throws, rejects, or returns a promise that never settles',
  'every request, trigger and monitor answers as it does with listeners that work, none waits, and the process goes on',
  async ({ onTestFinished }) => {
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    onTestFinished(() => warning.mockRestore());
    const pools = await createTestPools();
    onTestFinished(() => pools.close());
    const usual = await answersWhileListeners(undefined, pools, onTestFinished);
    const names = ['drain', 'enforcing', 'observing', 'phases', 'trigger', 'verifier'];
    expect(usual.heard).toEqual([...Object.values(CHANNELS), ...names].sort());
    expect(usual.answers).toMatchObject({
      'mapped at /': [200, 'right'],
      'looked up at /observed': [200, '0b6a3f0e-5c3e-4a8e-9d7e-111111111111'],
      'legacy at /': [200, 'right'],
      'garbage at /': [401, 'ERR_TOKEN_MALFORMED'],
    });
    for (const [name, conduct] of Object.entries(CONDUCT)) {
      expect([name, await answersWhileListeners(conduct, pools, onTestFinished)]).toEqual([name, usual]);
    }
    expect(processFaults).toEqual([]);
  },
);
