import { inspect } from 'node:util';

/**
 * Secrets and personal values that inputs carry, and that no error, log, report or metric may show: each contains a text
 * that nothing else contains.
 */
export const CANARY = {
  email: 'canary.kestrel@wren-private.example',
  phone: '+441632960777',
  password: 'Canary-Passw0rd-osprey',
  token: 'canaryTokenGoshawkMerlin',
  name: 'Canary Peregrine Hobby',
} as const;

const MARKS = ['kestrel', 'wren-private', '1632960777', 'osprey', 'GoshawkMerlin', 'Peregrine Hobby'];

/** The whole of an error, its causes and hidden properties included, as a careless logger would print it. */
const printed = (value: unknown): string =>
  typeof value === 'string' ? value : inspect(value, { depth: 8, showHidden: false, getters: false });

/** @throws where `text` shows a secret or a personal value */
export function assertNoCanary(where: string, value: unknown): void {
  const text = printed(value);
  const mark = MARKS.find((each) => text.toLowerCase().includes(each.toLowerCase()));
  if (mark !== undefined) throw new Error(`${where} shows a private value (${mark}): ${text.slice(0, 2000)}`);
}
