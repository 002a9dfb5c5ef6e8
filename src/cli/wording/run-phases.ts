import type { StatusResult } from '../../migrate/results.js';

/** What a phase is while a command works on it, and when it stopped half way. */
const PHASES: Readonly<Record<StatusResult['phase'], readonly [atWork: string, idle: string]>> = {
  listing: ['listing the pools', 'listing stopped half way'],
  matching: ['matching the users', 'matching stopped half way'],
  planned: ['planned, about to apply', 'planned, nothing written yet'],
  applying: ['applying', 'applying stopped half way'],
  applied: ['applied, a command is at work', 'applied'],
  'rolling-back': ['rolling back', 'rollback stopped half way'],
  'rolled-back': ['rolled back, a command is at work', 'rolled back'],
};

export const phaseInWords = ({ phase, running }: Pick<StatusResult, 'phase' | 'running'>): string =>
  PHASES[phase][running ? 0 : 1];
