import { attributeFaults } from './attribute.js';
import { clientFaults } from './clients.js';
import type { Fault } from './fault.js';
import { mfaFaults } from './mfa.js';
import { poolFaults } from './pools.js';
import { settingFaults } from './settings.js';
import { triggerFaults } from './triggers.js';
import { userFaults } from './users.js';

/** Every fault a pair of pools can have, one at a time. */
export const FAULTS: readonly Fault[] = [
  ...poolFaults,
  ...attributeFaults,
  ...userFaults,
  ...settingFaults,
  ...mfaFaults,
  ...triggerFaults,
  ...clientFaults,
];
