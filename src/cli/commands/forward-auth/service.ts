import { hostname } from 'node:os';
import { createForwardAuth, type ForwardAuthOptions } from '../../../../middleware/forward-auth.js';
import type { DrainMonitor } from '../../../operate/drain/drain-monitor.js';
import type { Phases } from '../../../operate/phases/phases-options.js';
import { readinessCheck } from '../../../operate/readiness.js';
import { record } from '../../../operate/recording.js';
import { createCutoverVerifier } from '../../../verify/verifier.js';
import type { CommandContext } from '../../define-command.js';
import { openDrainStores } from '../../drain-stores.js';
import { defined } from '../../options/common.js';
import { refuseTogether } from '../../options/option.js';
import { openPhaseStore } from '../phase/open-phase-store.js';
import { createEndpoints, type Endpoints } from './endpoints.js';
import { type ForwardAuthSettings, servedVerifierOptions } from './forward-auth-options.js';
import { openLegacyIdSources } from './legacy-id-sources.js';
import { TextMeter } from './text-meter.js';
import { Troubles } from './troubles.js';

export interface Service {
  readonly endpoints: Endpoints;
  /** Counts from now on, as this instance. */
  count(port: number): Promise<void>;
  /** Writes what was counted, and ends all work in the background. */
  close(): Promise<void>;
}

/** All that stands behind the port. Nothing of it has to be reachable. */
export async function openService(settings: ForwardAuthSettings, context: CommandContext): Promise<Service> {
  const { clock, screen } = context;
  const closers: (() => void)[] = [];
  let counting: DrainMonitor | undefined;
  let isOver = false;
  const close = async () => {
    await counting?.close();
    isOver = true;
    for (const end of closers.splice(0).reverse()) end();
  };
  try {
    const troubles = new Troubles((line) => {
      // Fetches that end with the service are not an outage.
      if (!isOver) screen.note(line);
    });
    const onTrouble = (what: string, error: Error | undefined) => troubles.report(what, error);
    const meter = new TextMeter();
    // Before the keys are fetched for the first time, which is to be recorded too.
    closers.push(record(meter, clock));
    const options = await servedVerifierOptions(settings);
    const phases = await openPhases(settings, troubles, context, closers);
    const { newRegion: region, newProfile: profile, newRoleArn: roleArn, newEndpoint: endpoint } = settings;
    const resolve = await openLegacyIdSources(settings.legacyId?.resolve ?? [], {
      ...{ clock, onTrouble, attribute: options.legacyId?.idTokenClaim },
      newPool: { userPoolId: options.newPool.userPoolId, region, profile, roleArn, endpoint },
      onEnd: (end) => closers.push(end),
    });
    const verifier = createCutoverVerifier({
      ...options,
      ...(resolve && { legacyId: { ...options.legacyId, resolve } }),
      ...(phases && { legacyTokens: phases }),
      onEvent: troubles.onEvent,
      clock,
    });
    closers.push(() => verifier.close());
    const { credentialsRequired, realm, mode, legacyTokenHeaders } = settings;
    const more = defined({ credentialsRequired, realm, mode, legacyTokenHeaders });
    const endpoints = createEndpoints({
      decide: createForwardAuth({ verifier, ...more } as ForwardAuthOptions),
      check: readinessCheck({ verifier, clock, ...(resolve && { resolver: resolve }) }),
      metrics: () => meter.text(),
    });
    watchProcess(meter, endpoints, clock.now());
    // What cannot be fetched now is asked for again by the tokens that need it.
    verifier.hydrate().then(
      () => {},
      () => {},
    );
    return {
      endpoints,
      count: async (port) => {
        counting = await openCounting(settings, port, onTrouble, context, closers);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function watchProcess(meter: TextMeter, endpoints: Endpoints, startedAt: number): void {
  const started = Math.floor(startedAt / 1_000);
  meter.watch('cognito_cutover.forward_auth.requests.in_flight', 'Requests being answered.', () => endpoints.inFlight);
  meter.watch('process_start_time_seconds', 'When the process started, in seconds since the epoch.', () => started);
}

async function openPhases(
  { phases: address, acceptUntil, acceptSignInsBefore, legacyTokens }: ForwardAuthSettings,
  { onPhases }: Troubles,
  { clock }: CommandContext,
  closers: (() => void)[],
): Promise<Phases | undefined> {
  if (address === undefined) return undefined;
  const dates = { '--accept-until': acceptUntil, '--accept-sign-ins-before': acceptSignInsBefore, legacyTokens };
  for (const [option, value] of Object.entries(dates)) if (value !== undefined) refuseTogether(option, '--phases');
  const { createPhases } = await import('../../../operate/phases/phases.js');
  const store = await openPhaseStore('--phases', address, { isServing: true });
  closers.push(() => store.close());
  const phases = createPhases({ source: store, clock, onEvent: onPhases });
  closers.push(() => phases.close());
  return phases;
}

async function openCounting(
  { drainStore, instance }: ForwardAuthSettings,
  port: number,
  onTrouble: (what: string, error: Error | undefined) => void,
  { clock }: CommandContext,
  closers: (() => void)[],
): Promise<DrainMonitor | undefined> {
  if (drainStore === undefined) return undefined;
  const { createDrainMonitor } = await import('../../../operate/drain/drain-monitor.js');
  const { stores, close } = await openDrainStores([drainStore], { option: '--drain-store', clock, isServing: true });
  closers.push(close);
  const [store] = stores;
  if (store === undefined) return undefined;
  const what = `Counting in ${store.name}`;
  const watched = {
    ...store,
    name: store.name,
    read: store.read.bind(store),
    forget: store.forget.bind(store),
    write: async (...args: Parameters<typeof store.write>) => {
      await store.write(...args);
      onTrouble(what, undefined);
    },
  };
  return createDrainMonitor({
    store: watched,
    instance: instance ?? `${hostname()}:${port}`,
    onError: (error) => onTrouble(what, error),
    clock,
  });
}
