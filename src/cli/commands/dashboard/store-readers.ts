import type { Clock } from '../../../clock.js';
import type { DrainStore } from '../../../operate/drain/drain-types.js';
import { checkPlan, phaseAt, planOf } from '../../../operate/phases/phase-plan.js';
import { openDrainStores } from '../../drain-stores.js';
import { defined } from '../../options/common.js';
import { optional, type Settings, underKeys } from '../../options/option.js';
import { DRAIN_OPTIONS } from '../drain/drain-options.js';
import { PHASES_OPTION } from '../phase/command.js';
import { openPhaseStore } from '../phase/open-phase-store.js';
import type { StoreReaders } from './sources.js';

const { from, refreshLifetime, expectInstances } = DRAIN_OPTIONS;

/** Where instances count and the phases are, and what the drain answer needs to know besides; as `drain` and `phase` have them. */
export const STORE_OPTIONS = {
  from: {
    ...underKeys(optional(from), 'drainStores'),
    help: 'where instances count: redis://HOST:PORT, dynamodb://TABLE?region=REGION or FILE.ndjson; repeatable',
  },
  to: underKeys(PHASES_OPTION, 'phases'),
  refreshLifetime: {
    ...refreshLifetime,
    help: 'how long refresh tokens of the legacy pool live at most: 30d, 12h, 0 for none; without it, the pool is never called safe to close',
  },
  expectInstances,
};

type StoreSettings = Settings<typeof STORE_OPTIONS> & {
  readonly legacyPool?: readonly { readonly userPoolId: string }[] | undefined;
};

/** Readers of the stores that are named. Each reading has a connection of its own, so a lost one is not missed for long. */
export function storeReaders(settings: StoreSettings, clock: Clock): StoreReaders {
  const { from: addresses, to } = settings;
  const ofStores =
    addresses &&
    (async () => {
      const { stores, close } = await openDrainStores(addresses, { option: '--from', clock });
      try {
        return await readStores(stores, settings, clock);
      } finally {
        close();
      }
    });
  const ofPhase =
    to &&
    (async (signal: AbortSignal) => {
      const store = await openPhaseStore('--to', to);
      try {
        const plan = await store.read(signal);
        const times = checkPlan('plan', plan);
        return { isSet: plan !== undefined, plan: planOf(times), phase: phaseAt(times, clock.now()) };
      } finally {
        store.close();
      }
    });
  return defined({ drain: ofStores, phase: ofPhase });
}

/**
 * The report of all stores. One that cannot be read is a reason in it. If none can be read, there is nothing to show, and what was read
 * before is of more use.
 */
async function readStores(stores: readonly DrainStore[], settings: StoreSettings, clock: Clock) {
  const { readDrainReport } = await import('../../../operate/drain/report/read-report.js');
  const failures: unknown[] = [];
  const watched = stores.map(
    (store): DrainStore => ({
      name: store.name,
      ...defined({ retentionDays: store.retentionDays }),
      write: (instance, records) => store.write(instance, records),
      forget: (instance, goneAt) => store.forget(instance, goneAt),
      read: (sinceDay) =>
        store.read(sinceDay).catch((error: unknown) => {
          failures.push(error);
          throw error;
        }),
    }),
  );
  const { legacyPool, expectInstances: least, refreshLifetime: lifetimeMs } = settings;
  const report = await readDrainReport({
    ...{ stores: watched, clock, expectInstances: least },
    refreshTokenSeconds: lifetimeMs === undefined ? undefined : lifetimeMs / 1000,
    legacyPools: legacyPool?.map(({ userPoolId }) => userPoolId),
  });
  if (failures.length === stores.length) throw failures[0];
  return report;
}
