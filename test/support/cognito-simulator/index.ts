import { SimulatorCore, type SimulatorOptions } from './simulator.js';
import { type Listener, listen } from './wire.js';

export type { Fault } from './faults.js';
export type { PopulationShares } from './generated.js';
export { LEGACY_POOL, migrationPair, NEW_POOL } from './migration-pair.js';
export type { PoolOptions } from './pool.js';
export { type SimulatorProcess, startSimulatorProcess } from './process.js';
export type { SimulatorOptions } from './simulator.js';
export type { SimulatedUser, UserInput } from './users.js';

export interface Simulator extends SimulatorCore, Pick<Listener, 'idle' | 'close'> {}

/** Cognito user pools on a port of the loopback address, for the real SDK. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const core = new SimulatorCore(options);
  const { endpoint, idle, close } = await listen(core);
  core.endpoint = endpoint;
  return Object.assign(core, { idle, close });
}
