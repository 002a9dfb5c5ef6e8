import { attributeFaults } from './attribute.js';
import { clientFaults } from './clients.js';
import type { Fault } from './fault.js';
import { settingFaults } from './settings.js';
import { userFaults } from './users.js';

/** Every fault a pair of pools can have, one at a time. */
export const FAULTS: readonly Fault[] = [...attributeFaults, ...userFaults, ...settingFaults, ...clientFaults];
