import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS } from '../../../src/clock.js';
import type { DrainContent, DrainStore } from '../../../src/operate/drain/drain-types.js';
import { readDrainReport } from '../../../src/operate/drain/report/read-report.js';
import { createFileDrainStore } from '../../../src/operate/drain/stores/file-drain-store.js';
import { createRedisDrainStore } from '../../../src/operate/drain/stores/redis-drain-store.js';
import { createPhases } from '../../../src/operate/phases/phases.js';
import { fuzzTarget } from '../fuzz-target.js';
import { drainItems, drainTable } from './drain-table.js';
import { changed, type JsonChange, jsonChange, ODD_VALUES, oddValue } from './json-mutants.js';
import { PLACES, type PlaceAnswer, placeOf } from './phase-adapters.js';
import { Scratch } from './scratch.js';

const NOW = Date.UTC(2026, 2, 1, 12);
const POOL = 'eu-west-1_Legacy';
const clock = { now: () => NOW, monotonic: () => 0, sleep: () => new Promise<void>(() => {}) };

/** A pool whose last token came an hour ago, as two instances have it: by no single change does it look unused. */
function inUse(): DrainContent {
  const lastToken = NOW - HOUR_MS;
  const latestExpiry = NOW;
  const run = (instance: string) => ({
    ...{ instance, run: `run-${instance}`, startedAt: NOW - 90 * DAY_MS, reportedAt: NOW, flushSeconds: 10 },
    legacy: [{ userPoolId: POOL, lastToken, latestExpiry, longestLifetime: HOUR_MS }],
  });
  const record = (instance: string) => ({
    ...{
      instance,
      run: `run-${instance}`,
      userPoolId: POOL,
      pool: 'legacy' as const,
      day: '2026-03-01',
      tokens: 3,
      users: '',
    },
    hours: [{ hour: 11, tokens: 3, users: '' }],
    clients: [{ clientId: 'web', tokens: 3, users: '', hours: [], lastToken, latestExpiry }],
  });
  return { instances: [run('a'), run('b')], records: [record('a'), record('b')], since: NOW - 90 * DAY_MS };
}

const QUESTION = { refreshTokenSeconds: 86_400, expectInstances: 2, legacyPools: [POOL] };

const PLANS = {
  closed: '{"acceptUntil":"2026-02-01T00:00:00Z"}',
  'sign-ins-refused': '{"acceptSignInsBefore":"2026-02-01T00:00:00Z","acceptUntil":"2026-06-01T00:00:00Z"}',
  announced: '{"announceFrom":"2026-02-01T00:00:00.000Z"}',
  open: '{}',
} as const;

/** What is no plan. */
const NO_PLANS = [
  '',
  'null',
  '[]',
  '7',
  '"closed"',
  'true',
  '{',
  '{"acceptUntil":"soon"}',
  '{"acceptUntil":1}',
  '{"accept_until":null}',
  '{"acceptUntil":"2026-02-30T00:00:00Z"}',
  '{"acceptUntil":"2026-02-01T00:00:00"}',
  '{"__proto__":{}}',
  '{"acceptUntil":"2026-01-01T00:00:00Z","announceFrom":"2026-02-01T00:00:00Z"}',
  '{"acceptUntil":[]}',
  `{"acceptUntil":null}${' '.repeat(20_000)}`,
  '\ufeff{}',
  '{}{}',
];

type Answer = { readonly phase: keyof typeof PLANS } | PlaceAnswer;

type Input =
  | { readonly kind: 'content'; readonly change: JsonChange; readonly inFile: boolean }
  | { readonly kind: 'whole'; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly at: number; readonly how: 'cut' | 'flip' | 'insert'; readonly text: string }
  | { readonly kind: 'items'; readonly changes: readonly JsonChange[] }
  | { readonly kind: 'redis'; readonly answers: readonly unknown[] }
  | { readonly kind: 'phases'; readonly by: (typeof PLACES)[number]; readonly answers: readonly Answer[] };

const answer: fc.Arbitrary<Answer> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      phase: fc.constantFrom('closed' as const, 'sign-ins-refused' as const, 'announced' as const, 'open' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ text: fc.constantFrom(...NO_PLANS) }) },
  fc.record({ other: fc.constantFrom('gone' as const, 'fails' as const) }),
  fc.record({ odd: oddValue.filter((value) => value !== null && typeof value !== 'string') }),
  fc.record({ odd: fc.constantFrom<unknown>(['{}'], [['{}']], { S: null }, { N: '1' }) }),
);

const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('content' as const), change: jsonChange, inFile: fc.boolean() }),
  },
  fc.record({
    kind: fc.constant('whole' as const),
    value: fc.oneof(oddValue, fc.record({ instances: oddValue, records: oddValue, since: oddValue })),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('bytes' as const),
      at: fc.nat(20_000),
      how: fc.constantFrom('cut' as const, 'flip' as const, 'insert' as const),
      text: fc.constantFrom('\n', '}', '{', '"', '\0', 'x}\n', '\n{}\n', '}\n{'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('items' as const), changes: fc.array(jsonChange, { maxLength: 1 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('redis' as const),
      answers: fc.array(fc.oneof(fc.constantFrom<unknown>(...ODD_VALUES), oddValue), { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('phases' as const),
      by: fc.constantFrom(...PLACES),
      answers: fc.array(answer, { minLength: 1, maxLength: 6 }),
    }),
  },
);

/** The lines of the file in which instances count. */
function linesOf({ since, records, instances }: DrainContent): string {
  const lines = [{ since }, ...records.map((record) => ({ record })), ...instances.map((instance) => ({ instance }))];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function assertNotSafe(what: string, store: DrainStore): Promise<void> {
  const report = await readDrainReport({ stores: [store], clock, ...QUESTION });
  if (report.safeToClose !== false || report.reasons.length === 0) {
    throw new Error(`${what}: a pool that is in use may be closed: ${JSON.stringify(report).slice(0, 1500)}`);
  }
  JSON.stringify(report);
}

const storeOf = (content: unknown): DrainStore => ({
  name: 'a store',
  read: () => Promise.resolve(content as DrainContent),
  write: () => Promise.resolve(),
  forget: () => Promise.resolve(),
});

/** The last plan that could be read stays in force, whatever the store answers afterwards; before the first one, nothing is known. */
async function checkPhases({ by, answers }: Extract<Input, { kind: 'phases' }>, path: string): Promise<void> {
  const place = placeOf(by, path);
  place.set({ other: 'fails' });
  const source = place.read;
  const phases = createPhases({ source, clock, pollSeconds: 3_600 } as Parameters<typeof createPhases>[0]);
  try {
    await phases.ready();
    let known: string | undefined;
    let wasThere = false;
    for (const one of answers) {
      place.set('phase' in one ? { text: PLANS[one.phase] } : one);
      await phases.refresh().catch(() => undefined);
      if ('phase' in one) known = one.phase;
      else if ('other' in one && one.other === 'gone' && !wasThere) known = 'open';
      // An item without a text is there for DynamoDB, too; a folder is no file.
      wasThere ||= 'phase' in one || 'text' in one || ('odd' in one && by !== 'file');
      const { phase } = phases.status();
      if (phase !== known)
        throw new Error(`${by}: the phase is ${phase}, and not ${known}, after ${JSON.stringify(one)}`);
    }
  } finally {
    phases.close();
  }
}

export const sharedStores = fuzzTarget<Input>({
  name: 'shared-stores',
  boundary: 'what Redis, DynamoDB and files answer to drain, phase and pollers',
  async start() {
    const scratch = new Scratch();
    const path = scratch.path('drain.ndjson');
    const items = await drainItems(inUse(), clock);
    return {
      input,
      check: async (given) => {
        switch (given.kind) {
          case 'content': {
            const content = changed(inUse(), given.change);
            const isLines =
              typeof content === 'object' &&
              Array.isArray((content as DrainContent).records) &&
              Array.isArray((content as DrainContent).instances);
            if (!given.inFile || !isLines) return assertNotSafe('changed content', storeOf(content));
            writeFileSync(path, linesOf(content as DrainContent));
            return assertNotSafe('a changed file', createFileDrainStore({ path }));
          }
          case 'whole':
            return assertNotSafe('other content', storeOf(given.value));
          case 'bytes':
            writeFileSync(path, damaged(Buffer.from(linesOf(inUse())), given));
            return assertNotSafe('a damaged file', createFileDrainStore({ path }));
          case 'items': {
            const found = given.changes.reduce<unknown>(changed, items);
            return assertNotSafe('changed items', drainTable(Array.isArray(found) ? found : [], clock));
          }
          case 'redis': {
            let asked = 0;
            const sendCommand = () => Promise.resolve(given.answers[asked++ % given.answers.length]);
            const client = { sendCommand, withTypeMapping: () => ({ sendCommand }) };
            return assertNotSafe('what Redis answered', createRedisDrainStore({ client: client as never }));
          }
          case 'phases':
            return checkPhases(given, scratch.path('phases.json'));
        }
      },
      close: () => scratch.close(),
    };
  },
});

function damaged(bytes: Buffer, { at, how, text }: Extract<Input, { kind: 'bytes' }>): Buffer {
  const place = at % bytes.length;
  if (how === 'cut') return bytes.subarray(0, place);
  if (how === 'insert') return Buffer.concat([bytes.subarray(0, place), Buffer.from(text), bytes.subarray(place)]);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << (at % 8));
  return bytes;
}
