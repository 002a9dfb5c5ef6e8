import { checkNumber, refuse } from '../../options.js';
import { amongChosen } from '../attributes/chosen.js';
import { added } from './journal.js';
import type { State } from './state.js';

/** What of all that a state wrote is to be taken back. */
export interface UndoScope {
  readonly plan: number | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
  /** Only of the users in the table `chosen`. */
  readonly isLimited: boolean;
}

/** @throws {@link ConfigurationError} */
export function checkScope(
  { meta }: State,
  { plan, since }: { readonly plan?: number; readonly since?: Date },
  isLimited: boolean,
): UndoScope {
  const last = meta.get('plan') ?? 0;
  if (plan !== undefined) {
    checkNumber('plan', plan, { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true, fallback: 1 });
    if (plan > last) refuse('plan', `a plan of this state, which has ${last}`, plan);
  }
  const from = since?.getTime();
  if (Number.isNaN(from)) refuse('since', 'a valid date', since);
  return { plan, since: from, isLimited };
}

/** Whether this is all that the state wrote. */
export const isEverything = ({ plan, since, isLimited }: UndoScope): boolean =>
  plan === undefined && since === undefined && !isLimited;

/** The condition of a query on `operations`. */
export function inScope(table: string, { plan, since, isLimited }: UndoScope): string {
  return [
    added(table),
    ...(plan === undefined ? [] : [`${table}.plan = ${plan}`]),
    ...(since === undefined ? [] : [`${table}.begun_at >= ${since}`]),
  ]
    .join(' AND ')
    .concat(` ${amongChosen(isLimited, `${table}.username`)}`);
}
