import { join } from 'node:path';
import fc from 'fast-check';
import { pairsOption } from '../../../../src/cli/options/option.js';
import { ConfigurationError } from '../../../../src/errors.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { readReportRows } from '../../../../src/migrate/report.js';
import { openState } from '../../../../src/migrate/state/state.js';
import { checkProviderMap, parseIdentities, providersOf } from '../../../../src/users/identities.js';
import { AutoClock } from '../../../migrate/support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../../../migrate/support/fake-directory.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { oddValue } from '../json-mutants.js';
import { Scratch } from '../scratch.js';

type Pairs = readonly (readonly [from: string, to: string])[];
/** Of a user: at which provider, under which id. */
type Identity = readonly [provider: string, userId: string];

type Input =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'object'; readonly value: unknown }
  | { readonly kind: 'identities'; readonly text: string }
  | {
      readonly kind: 'plan';
      readonly pairs: Pairs;
      readonly legacy: readonly Identity[];
      readonly fresh: readonly Identity[];
    };

const NAMES = ['Okta', 'OldOkta', 'Ping', 'okta', 'A_B', '__proto__', 'constructor', 'Österreich', 'Google'];
const name = fc.constantFrom(...NAMES);
const pairs = fc.uniqueArray(fc.tuple(name, name), { maxLength: 3, selector: ([from]) => from });
const identity = fc.tuple(name, fc.constantFrom('ann', 'bob', 'Ann', 'a_b'));
const input: fc.Arbitrary<Input> = fc.oneof(
  fc.record({
    kind: fc.constant('texts' as const),
    texts: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.tuple(name, name).map((pair) => pair.join('=')) },
        fc.constantFrom('', '=', 'a=', '=b', 'a=b=c', 'a', ' = ', 'a==b', '\0=\0', '💥=\ud800'),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  fc.record({
    kind: fc.constant('object' as const),
    value: fc.oneof(oddValue, fc.dictionary(name, fc.oneof(name, oddValue), { maxKeys: 3 })),
  }),
  fc.record({
    kind: fc.constant('identities' as const),
    text: fc.oneof(
      fc
        .array(fc.oneof(oddValue, fc.record({ providerName: fc.oneof(name, oddValue), userId: oddValue })))
        .map((list) => JSON.stringify(list)),
      fc.string({ maxLength: 12 }),
    ),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('plan' as const),
      pairs,
      legacy: fc.array(identity, { minLength: 1, maxLength: 4 }),
      fresh: fc.array(identity, { minLength: 1, maxLength: 3 }),
    }),
  },
);

/** The new name of a provider, as docs/sync-script.md says it. */
function newNameByHand(given: Pairs, name: string): string | undefined {
  const pair = given.find(([from]) => from === name);
  if (pair !== undefined) return pair[1];
  return given.some(([, to]) => to === name) ? undefined : name;
}

/** The pairs of an object or of texts; `undefined` where they must be refused. */
function pairsByHand(given: Extract<Input, { kind: 'texts' | 'object' }>): Pairs | undefined {
  if (given.kind === 'object') {
    const { value } = given;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    return entries.every(([, to]) => typeof to === 'string' && to !== '') ? entries : undefined;
  }
  const split = given.texts.map((text) => text.split('='));
  const isPair = split.every((parts) => parts.length === 2 && parts.every((part) => part !== ''));
  const isOnce = new Set(split.map(([from]) => from)).size === split.length;
  return isPair && isOnce ? (split as unknown as Pairs) : undefined;
}

/** What is put in the place of the code to plant faults. */
export type CheckMap = typeof checkProviderMap;

/** Both directions say the same: what a name leads to leads back to it. */
function assertMap(check: CheckMap, given: Pairs): void {
  const map = check(Object.fromEntries(given.map(([from, to]) => [from, to])));
  const names = [...new Set([...NAMES, ...given.flat()])];
  for (const one of names) {
    const [found, expected] = [map.toNew(one), newNameByHand(given, one)];
    if (found !== expected) throw new Error(`${JSON.stringify(given)}: ${one} becomes ${found}, and not ${expected}`);
    const back = [...map.toLegacy(one)].toSorted().join();
    const wanted = names
      .filter((other) => newNameByHand(given, other) === one)
      .toSorted()
      .join();
    if (back !== wanted) throw new Error(`${JSON.stringify(given)}: ${one} comes from ${back}, and not from ${wanted}`);
  }
}

function checkOption(check: CheckMap, given: Extract<Input, { kind: 'texts' | 'object' }>): void {
  const value = given.kind === 'texts' ? given.texts : given.value;
  // The config file may hold a list of texts as well.
  if (given.kind === 'object' && Array.isArray(value)) return;
  const expected = pairsByHand(given);
  let taken: Readonly<Record<string, string>> | undefined;
  try {
    taken = pairsOption('<old=new>', '').check('providerMap', value);
  } catch (error) {
    if (!(error instanceof ConfigurationError) || !error.message.includes('providerMap')) throw error;
    if (expected !== undefined) throw error;
    return;
  }
  if (expected === undefined) throw new Error(`${JSON.stringify(value)} was taken for ${JSON.stringify(taken)}`);
  const [found, wanted] = [Object.entries(taken ?? {}), expected].map((one) => JSON.stringify(one?.toSorted()));
  if (found !== wanted) throw new Error(`${JSON.stringify(value)} was taken for ${found}`);
  assertMap(check, expected);
}

function checkIdentities(text: string): void {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  const found = parseIdentities(text);
  for (const { provider, userId } of found) {
    const isThere =
      Array.isArray(list) &&
      list.some((one) => one?.providerName === provider && one?.userId === userId && userId !== '');
    if (!isThere) throw new Error(`${text} names nobody like ${userId} at ${provider}`);
  }
  // A user with something that is not a list of providers must not pass for one who has none.
  if (text !== '' && !Array.isArray(list) && providersOf(text, 'CONFIRMED').length === 0)
    throw new Error(`${text} counts as no provider`);
}

const person = (at: number, side: string, [provider, userId]: Identity): FakeUser => ({
  username: `${side}${at}`,
  sub: `${side}-${at}`,
  attributes: { identities: JSON.stringify([{ providerName: provider, userId }]) },
  status: 'EXTERNAL_PROVIDER',
});

/** A new user gets the id of a legacy user only if both have one identity, by the map, and nobody else has it. */
async function checkPlan(path: string, given: Extract<Input, { kind: 'plan' }>): Promise<void> {
  const { legacy, fresh } = given;
  const state = openState({ path, access: 'plan' });
  try {
    const users = (side: string, list: readonly Identity[]) => list.map((one, at) => person(at, side, one));
    const providers = NAMES.map((one) => ({ name: one, mappedAttributes: [] }));
    await runPlan({
      ...{ state, match: ['identity'], clock: new AutoClock(), providerMap: Object.fromEntries(given.pairs) },
      legacyPools: [new FakeDirectory('old_1', { users: users('old', legacy) })],
      newPool: new FakeDirectory('new_1', { users: users('new', fresh), providers }),
    });
    const rows = new Map([...readReportRows(state)].map((row) => [row.newUsername, row]));
    for (const [at, [provider, userId]] of fresh.entries()) {
      const owners = legacy.flatMap(([from, id], owner) =>
        id === userId && newNameByHand(given.pairs, from) === provider ? [`old-${owner}`] : [],
      );
      const twins = fresh.filter(([other, id]) => other === provider && id === userId).length;
      const row = rows.get(`new${at}`);
      const isSet = row?.outcome === 'set';
      const isDue = owners.length === 1 && twins === 1;
      if (isSet !== isDue || (isSet && row?.legacySub !== owners[0]))
        throw new Error(`new${at} is ${row?.outcome} ${row?.legacySub}: by hand ${owners}, and ${twins} like it`);
    }
  } finally {
    state.close();
  }
}

export const providerMapBy = (check: CheckMap): FuzzTarget =>
  fuzzTarget<Input>({
    name: 'provider-map',
    boundary: 'maps of identity providers, and identities of users',
    start() {
      const scratch = new Scratch();
      return {
        input,
        check: (given) => {
          if (given.kind === 'identities') return checkIdentities(given.text);
          if (given.kind !== 'plan') return checkOption(check, given);
          return scratch.within((folder) => checkPlan(join(folder, 'cutover.db'), given));
        },
        close: () => scratch.close(),
      };
    },
  });

export const providerMap = providerMapBy(checkProviderMap);
