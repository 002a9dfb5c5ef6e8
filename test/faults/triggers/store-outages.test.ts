import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { PostConfirmationTriggerEvent, PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { expect, onTestFinished } from 'vitest';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import { createDynamoDbStore } from '../../../src/legacy-id/dynamodb.js';
import { storeResolver } from '../../../src/legacy-id/store.js';
import { createTestPools } from '../../../src/testing/index.js';
import { createPostConfirmationTrigger } from '../../../src/triggers/post-confirmation.js';
import { createPreTokenGenerationTrigger } from '../../../src/triggers/pre-token-generation.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { bearer, requestEvent } from '../../middleware/api-gateway-events.js';
import { eventBase, MemoryPool, NEW_POOL } from '../../triggers/support.js';
import { fault } from '../fault.js';
import { changing } from '../requests/broken-servers.js';

/** A value that a user wrote into the attribute. */
const FORGED = '99999999-9999-4999-8999-999999999999';

const refusing = (status: number, name: string): RequestListener => {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' });
  return (_req, res) => void res.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body);
};

const OUTAGES: Readonly<Record<string, RequestListener>> = {
  throttled: refusing(400, 'ProvisionedThroughputExceededException'),
  failing: refusing(500, 'InternalServerError'),
  'not permitted': refusing(400, 'AccessDeniedException'),
  resetting: ({ socket }) => void socket.resetAndDestroy(),
  silent: () => {},
  'another service': (_req, res) => void res.end('<html></html>'),
};

/** A table over HTTP, as far as the store of legacy ids uses one. */
async function startTable(mapping: Map<string, string>) {
  const good: RequestListener = async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const { Key, Item } = JSON.parse(body);
    if (Item !== undefined) mapping.set(Item.newSub.S, Item.legacyId.S);
    const legacyId = mapping.get(Key?.newSub.S ?? '');
    const answer = legacyId === undefined ? {} : { Item: { newSub: Key.newSub, legacyId: { S: legacyId } } };
    res.setHeader('Content-Type', 'application/x-amz-json-1.0').end(JSON.stringify(answer));
  };
  const conduct = changing(good);
  let server: Server;
  const start = async (port: number) => {
    server = createServer((req, res) => conduct.listener(req, res));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const port = await start(0);
  onTestFinished(stop);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    good,
    use: conduct.use,
    stop,
    restart: () => start(port),
  };
}

/** Each kind of function that asks the store, and what it makes of Anna: `right`, an id, `nothing`, or the code it failed with. */
async function startFunctions(timeoutMs: number) {
  const pools = await createTestPools({ serve: false });
  const anna = pools.person({ mapped: false });
  const table = await startTable(new Map([[anna.new.sub, anna.userId]]));
  const store = createDynamoDbStore({ tableName: 'legacy-ids', region: 'eu-west-1', endpoint: table.endpoint });
  const newPool = new MemoryPool(NEW_POOL);
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    legacyId: { resolve: storeResolver(store), resolveTimeoutMs: timeoutMs, resolvedSeconds: 0 },
  });
  onTestFinished(() => {
    store.close();
    verifier.close();
    void pools.close();
  });
  const attributes = { sub: anna.new.sub, 'custom:legacy_sub': FORGED };
  const signIn = () =>
    ({
      ...eventBase('TokenGeneration_Authentication', 'anna'),
      version: '2',
      request: { userAttributes: attributes, groupConfiguration: {} },
      response: { claimsAndScopeOverrideDetails: null },
    }) as unknown as PreTokenGenerationV2TriggerEvent;
  const signUp = (): PostConfirmationTriggerEvent => ({
    ...eventBase('PostConfirmation_ConfirmSignUp', 'anna'),
    triggerSource: 'PostConfirmation_ConfirmSignUp',
    request: { userAttributes: attributes },
    response: {},
  });
  const claimOf = ({ response }: PreTokenGenerationV2TriggerEvent) => {
    const { idTokenGeneration: id, accessTokenGeneration: access } = response.claimsAndScopeOverrideDetails;
    return access?.claimsToAddOrOverride?.['legacy_sub'] ?? id?.claimsToSuppress?.join();
  };
  const failing = createPreTokenGenerationTrigger({ store, timeoutMs });
  const omitting = createPreTokenGenerationTrigger({ store, timeoutMs, onStoreFailure: 'omit' });
  const confirmed = createPostConfirmationTrigger({ legacyPool: null, newPool, store, timeoutMs });
  const authorize = createApiGatewayAuthorizer({ verifier });
  const authorized = async (token: string) => {
    const { context } = await authorize(requestEvent({ headers: { Authorization: bearer(token) } }));
    return context?.['userId'] as string;
  };
  const functions: Record<string, () => Promise<string | undefined>> = {
    'pre token generation': async () => claimOf(await failing(signIn())),
    'pre token generation, which omits': async () => claimOf(await omitting(signIn())),
    'post confirmation': async () => {
      newPool.members.length = 0;
      newPool.add({ username: 'anna', attributes });
      await confirmed(signUp());
      return newPool.members[0]?.attributes['custom:legacy_sub'];
    },
    authorizer: () => authorized(anna.new.accessToken()),
    'authorizer, of a legacy token': () => authorized(anna.legacy.accessToken()),
  };
  const outcomes = async () => {
    const all = Object.entries(functions).map(async ([name, run]) => {
      const outcome = await run().then(
        (id) => (id === anna.userId ? 'right' : (id ?? 'nothing')),
        ({ code, message }) => code ?? message,
      );
      return [name, outcome === 'ERR_DEADLINE' ? 'ERR_LEGACY_ID_UNAVAILABLE' : outcome];
    });
    return Object.fromEntries(await Promise.all(all));
  };
  return { anna, table, newPool, outcomes };
}

const RIGHT = {
  'pre token generation': 'right',
  'pre token generation, which omits': 'right',
  'post confirmation': 'right',
  authorizer: 'right',
  'authorizer, of a legacy token': 'right',
};

fault(
  'the store of the triggers and of the API Gateway authorizer is down, throttled, fails, resets, hangs, or another service answers',
  'no token is issued and nothing is written without the legacy id, the authorizer throws (503, which API Gateway does not cache), and legacy tokens are accepted; all is right again afterwards',
  async () => {
    const { table, newPool, outcomes } = await startFunctions(250);
    const expected = {
      'pre token generation': 'ERR_LEGACY_ID_UNAVAILABLE',
      // A value that the user may have written is taken out of the ID token too.
      'pre token generation, which omits': 'custom:legacy_sub',
      'post confirmation': 'ERR_LEGACY_ID_UNAVAILABLE',
      authorizer: 'ERR_LEGACY_ID_UNAVAILABLE',
      'authorizer, of a legacy token': 'right',
    };
    for (const [name, outage] of Object.entries(OUTAGES)) {
      table.use(outage);
      expect([name, await outcomes()]).toEqual([name, expected]);
    }
    await table.stop();
    expect(await outcomes()).toEqual(expected);
    expect(newPool.calls).toEqual([]);
    table.use(table.good);
    await table.restart();
    await expect.poll(outcomes).toEqual(RIGHT);
  },
);

fault(
  'the store of the triggers and of the API Gateway authorizer takes a quarter of a second for each answer',
  'all of them wait for it, and answer as with a quick one',
  async () => {
    const { table, outcomes } = await startFunctions(4_000);
    table.use(async (req, res) => {
      await delay(250);
      table.good(req, res);
    });
    expect(await outcomes()).toEqual(RIGHT);
  },
);

fault(
  'the store takes no writes while the post confirmation trigger maps a user',
  'the sign-up ends with an error, the attribute is right already, and the repeated trigger fills the store with the same id',
  async () => {
    const mapping = new Map<string, string>();
    const table = await startTable(mapping);
    const store = createDynamoDbStore({ tableName: 'legacy-ids', region: 'eu-west-1', endpoint: table.endpoint });
    onTestFinished(() => store.close());
    const newPool = new MemoryPool(NEW_POOL);
    const sub = '0f6d3c1a-0000-4000-8000-000000000001';
    newPool.add({ username: 'bertram', attributes: { sub } });
    const event: PostConfirmationTriggerEvent = {
      ...eventBase('PostConfirmation_ConfirmSignUp', 'bertram'),
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      request: { userAttributes: { sub } },
      response: {},
    };
    const trigger = createPostConfirmationTrigger({ legacyPool: null, newPool, store });
    const throttled = refusing(400, 'ProvisionedThroughputExceededException');
    table.use((req, res) => (req.headers['x-amz-target']?.includes('PutItem') ? throttled : table.good)(req, res));
    await expect(trigger(event)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
    expect([newPool.members[0]?.attributes['custom:legacy_sub'], mapping.size]).toEqual([sub, 0]);
    table.use(table.good);
    await trigger(event);
    expect([newPool.members[0]?.attributes['custom:legacy_sub'], mapping.get(sub)]).toEqual([sub, sub]);
  },
);
