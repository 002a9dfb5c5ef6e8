import { setTimeout as sleep } from 'node:timers/promises';
import type { OutageMode } from '../../src/testing/index.js';
import type { Credential, Side, Uncertainty } from './soak-model.js';
import { COLD, type SoakPools } from './soak-pools.js';
import type { LoadProcess, SoakServer } from './soak-processes.js';

/** What the servers are configured with. */
export const SERVER_SECONDS = { refresh: 10, cooldown: 1, timeout: 3, breaker: 1 };
/** How much later than it should something may happen on a busy machine. */
const SLACK_MS = 4_000;
const BATCH = 25;
/** Of each pool and second, so that tokens come that no server has seen. Each takes about a millisecond of a core. */
const NEW_TOKENS = 20;
const OUTAGES: readonly OutageMode[] = ['error', 'hang', 'garbage', 'refuse', 'empty'];
const SIDES = ['legacy', 'new'] as const;

interface Stage {
  readonly pools: SoakPools;
  readonly load: LoadProcess;
  readonly servers: readonly SoakServer[];
  readonly signal: AbortSignal;
  note(text: string): void;
}

export async function stockUp({ pools, load, signal }: Stage, side: Side): Promise<void> {
  let batch: Credential[] = [];
  for await (const credential of pools.generationOf(side)) {
    batch.push(credential);
    if (signal.aborted) return;
    if (batch.length < BATCH) continue;
    await load.tell({ add: batch });
    batch = [];
  }
  await load.tell({ add: batch });
}

/** New tokens all the time. */
export async function keepSigning({ pools, load, signal }: Stage): Promise<void> {
  while (!signal.aborted) {
    for (const side of SIDES) {
      const made = Array.from({ length: NEW_TOKENS }, (_, n) =>
        pools.credential(side, n === 0 ? 'short' : n < 3 && side === 'new' ? 'unmapped' : 'cold'),
      );
      await load.tell({ add: made });
      await pause(500, signal);
    }
  }
}

/** What happens to the pools and the source of legacy ids, one after the other, round after round until the signal. */
export async function misfortunes(stage: Stage, roundSeconds: number): Promise<void> {
  for (let round = 0; !stage.signal.aborted; round += 1) {
    const [one, other]: readonly [Side, Side] = round % 2 === 0 ? ['new', 'legacy'] : ['legacy', 'new'];
    const quiet = () => pause((roundSeconds * 1000) / 8, stage.signal);
    const lasting = Math.min(20_000, (roundSeconds * 1000) / 8);
    await quiet();
    if (!stage.signal.aborted) await outage(stage, one, OUTAGES[round % OUTAGES.length] ?? 'error', lasting);
    await quiet();
    if (!stage.signal.aborted) await rotation(stage, other, true);
    await quiet();
    if (!stage.signal.aborted) await sourceDown(stage, lasting);
    await quiet();
    if (!stage.signal.aborted) await rotation(stage, one, false);
    if (stage.signal.aborted) return;
    for (const server of stage.servers) await server.tell('refresh');
    stage.note('keys refreshed');
  }
}

async function during({ load }: Stage, what: Uncertainty, graceMs: number, act: () => Promise<void>): Promise<void> {
  await load.tell({ begin: what });
  try {
    await act();
  } finally {
    await load.tell({ end: what, graceMs });
  }
}

async function outage(stage: Stage, side: Side, mode: OutageMode, lastingMs: number): Promise<void> {
  stage.note(`key endpoint of the ${side} pool: ${mode}`);
  // The pauses between failed fetches double, so the last is no longer than all that came before, and at most a minute.
  const graceMs =
    Math.min(60_000, lastingMs + SERVER_SECONDS.timeout * 1000) + SERVER_SECONDS.timeout * 1000 + SLACK_MS;
  await during(stage, `keys:${side}`, graceMs, async () => {
    stage.pools.pool(side).outage(mode);
    await pause(lastingMs, stage.signal);
    stage.pools.pool(side).outage('off');
  });
}

async function rotation(stage: Stage, side: Side, keepOld: boolean): Promise<void> {
  const { pools, load } = stage;
  stage.note(`keys of the ${side} pool: ${keepOld ? 'a new one' : 'replaced, the old ones withdrawn'}`);
  const seconds = keepOld ? SERVER_SECONDS.cooldown : SERVER_SECONDS.refresh;
  await pools.prepare();
  await during(stage, `keys:${side}`, (seconds + SERVER_SECONDS.timeout) * 1000 + SLACK_MS, async () => {
    if (!keepOld) await load.tell({ withdraw: side, below: pools.generation[side] + 1 });
    pools.rotate(side, keepOld);
  });
  await stockUp(stage, side);
}

async function sourceDown(stage: Stage, lastingMs: number): Promise<void> {
  stage.note('the source of legacy ids: down');
  await during(stage, 'source', SERVER_SECONDS.breaker * 1000 + SLACK_MS, async () => {
    for (const server of stage.servers) await server.tell('source', 'down');
    await pause(lastingMs, stage.signal);
    for (const server of stage.servers) await server.tell('source', 'up');
  });
}

export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});

/** Fewer than the cold tokens of one pool. */
export const MAX_TOKENS = COLD / 2;
