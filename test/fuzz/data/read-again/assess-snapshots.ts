import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatSnapshot, parseSnapshot } from '../../../../src/assess/snapshot/snapshot-file.js';
import { google, newClient, newParts, pair } from '../../../assess/pools.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { assertWellEnded, type CommandRun, runCommand } from '../command-run.js';
import { changed, type JsonChange, jsonChange, ODD_VALUES } from '../json-mutants.js';
import { Scratch } from '../scratch.js';
import { fitsByHand } from './snapshot-model.js';

/** What an edited snapshot may hold where a name belongs: it must come out as text, wherever it is printed. */
const HOSTILE = [
  '\u001b[31mred\u0007',
  '\u202egnp.exe',
  'a\r\nb',
  '<img src=x onerror=fuzz()>',
  '"><script>fuzz()</script>',
  "'$(touch fuzzed)'",
  '$(touch fuzzed)',
  '`touch fuzzed`',
  '; touch fuzzed #',
  '$& $1',
  '",.\n| halt',
  '--cli-input-json',
  'constructor',
];

const NUMBERS = [0, 1, -1, 1.5, 8.64e15, 8.64e15 + 1, Number.MAX_SAFE_INTEGER, 1e308];

/** A pair of pools in which no list is empty, and which differ in much. */
function rich(): unknown {
  const settings = {
    usernameAttributes: ['email'],
    deviceTracking: { challengeRequiredOnNewDevice: true, onlyRememberedOnUserPrompt: false },
    smsSender: 'SNS' as const,
    triggers: [{ name: 'PreTokenGeneration', version: 'V1_0' }],
    dynamicClientRegistration: { enabled: true, open: true, scopes: ['openid'] },
    customDomain: 'auth.example.org',
    mfa: 'OPTIONAL' as const,
  };
  const replicas = [{ region: 'us-east-1', role: 'SECONDARY', status: 'ACTIVE' }];
  const {
    legacy,
    new: next,
    takenAt,
  } = pair({
    legacy: { settings, mfa: { softwareToken: true, passkeyRelyingParty: 'example.org' }, replicas },
    new: { clients: [], groups: [], providers: [{ ...google, name: 'Gugel' }], resourceServers: [], replicas },
  });
  return JSON.parse(formatSnapshot({ takenAt, legacy, new: next }));
}

const unknownUsers = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;
const lesserClient = newClient({ writeAttributes: ['custom:legacy_sub'], readAttributes: ['email'], callbackUrls: [] });
const plain = () => pair({ new: { settings: { ...newParts.settings, mfa: 'ON' }, ...lesserClient } });
const BASES: readonly unknown[] = [
  rich(),
  rich(),
  JSON.parse(formatSnapshot(plain())),
  JSON.parse(formatSnapshot({ ...plain(), new: null })),
  JSON.parse(formatSnapshot({ ...plain(), legacy: plain().legacy.map((pool) => ({ ...pool, users: unknownUsers })) })),
];

/** One value of all that have this name. Those with rare names are met as often as those in every list. */
interface NamedChange {
  readonly key: string;
  readonly nth: number;
  /** Which of the odd values of its type. */
  readonly pick: number;
}

const pickOf = <T>(list: readonly T[], pick: number): T | undefined => list[pick % list.length];

/** Mostly one that may stand there. */
function oddInPlaceOf(held: unknown, pick: number): unknown {
  if (typeof held === 'string' && pick % 4 > 0) return pickOf(HOSTILE, pick);
  if (typeof held === 'number' && pick % 4 > 0) return pickOf(NUMBERS, pick);
  return pickOf(ODD_VALUES, pick);
}

function namesIn(value: unknown, names = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return names;
  for (const [key, one] of Object.entries(value)) {
    if (!Array.isArray(value)) names.add(key);
    namesIn(one, names);
  }
  return names;
}

/** A copy with the value changed, if it has one of that name. */
function withNamed(document: unknown, { key, nth, pick }: NamedChange): unknown {
  const copy: unknown = structuredClone(document);
  const holders: Record<string, unknown>[] = [];
  const visit = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    if (Object.hasOwn(one, key)) holders.push(one as Record<string, unknown>);
    Object.values(one).forEach(visit);
  };
  visit(copy);
  const holder = holders[nth % Math.max(1, holders.length)];
  if (holder !== undefined) holder[key] = oddInPlaceOf(holder[key], pick);
  return copy;
}

type Output = 'json' | 'all' | 'brief' | 'html';
interface Input {
  readonly base: number;
  readonly changes: readonly (JsonChange | NamedChange)[];
  /** Where the text is cut, or what is written over it. */
  readonly damage: { readonly how: 'none' | 'cut' | 'insert'; readonly at: number; readonly text: string };
  readonly output: Output;
}

const change: fc.Arbitrary<JsonChange | NamedChange> = fc.oneof(jsonChange, {
  weight: 2,
  arbitrary: fc.record({ key: fc.constantFrom(...namesIn(rich())), nth: fc.nat(20), pick: fc.nat(10_000) }),
});

const input: fc.Arbitrary<Input> = fc.record({
  base: fc.nat(BASES.length - 1),
  changes: fc.array(change, { maxLength: 3 }),
  damage: fc.oneof(
    { weight: 6, arbitrary: fc.constant({ how: 'none' as const, at: 0, text: '' }) },
    fc.record({
      how: fc.constantFrom('cut' as const, 'insert' as const),
      at: fc.nat(20_000),
      text: fc.constantFrom('\0', '"', '{', ',', '\ufeff', ' ', '1e400', '\ud800'),
    }),
  ),
  output: fc.constantFrom<Output>('json', 'all', 'brief', 'html'),
});

function textOf({ base, changes, damage }: Input): string {
  const document = changes.reduce<unknown>(
    (before, one) => ('key' in one ? withNamed(before, one) : changed(before, one)),
    BASES[base],
  );
  const text = JSON.stringify(document);
  const at = damage.at % Math.max(1, text.length);
  if (damage.how === 'cut') return text.slice(0, at);
  return damage.how === 'insert' ? text.slice(0, at) + damage.text + text.slice(at) : text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const NOT_SAID = /\b(?:NaN|Infinity|undefined)\b|\[object /;

/** What a shell would carry out of a command that is printed, outside of quotes. */
export function unquoted(command: string): string {
  return command.replaceAll(/'[^']*'|\\'/g, '');
}

/** The run has no colours of its own: those of a name could hide what follows. */
function assertVisible(what: string, text: string): void {
  if (HIDDEN.test(text)) throw new Error(`${what} prints control characters: ${JSON.stringify(text.slice(0, 3000))}`);
}

function assertPrinted(what: string, text: string, document: string): void {
  assertVisible(what, text);
  const said = NOT_SAID.exec(text)?.[0];
  if (said !== undefined && !document.includes(said)) throw new Error(`${what} says ${said}: ${text.slice(0, 3000)}`);
}

/** Commands that people paste into a shell carry out nothing that a snapshot holds. */
function assertCommands(what: string, text: string): void {
  const commands = text.split('\n').filter((line) => /aws cognito-idp|\| jq /.test(line));
  const bad = commands.find((line) => /touch fuzzed/.test(unquoted(line)));
  if (bad !== undefined) throw new Error(`${what} prints a command that carries out a name: ${bad}`);
}

function assertPage(what: string, page: string): void {
  if (/<img src=x|<script>fuzz/.test(page)) throw new Error(`${what} writes a page with foreign markup`);
}

/** Reads every text of a JSON document. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** What is put in the place of the command to plant faults. */
export type AssessCommand = (args: readonly string[]) => Promise<CommandRun>;

export const assessSnapshotsBy = (run: AssessCommand, parse: typeof parseSnapshot): FuzzTarget =>
  fuzzTarget<Input>({
    name: 'assess-snapshots',
    boundary: 'snapshot files that assess saved and reads again',
    start() {
      const scratch = new Scratch();
      const check = async (given: Input, folder: string) => {
        const [path, html] = [join(folder, 'snapshot.json'), join(folder, 'assess.html')];
        const text = textOf(given);
        writeFileSync(path, text);
        const document = jsonOf(readFileSync(path, 'utf8'));
        const fits = fitsByHand(document, rich());
        const how = { json: ['--json'], all: ['--all'], brief: [], html: ['--html', html] }[given.output];
        const ended = await run(['assess', '--snapshot', path, ...how]);
        const what = `assess --${given.output} of ${JSON.stringify(given.changes).slice(0, 500)}`;
        assertWellEnded(what, ended);
        const output = `${ended.stdout}${ended.stderr}`;
        assertVisible(what, ended.stderr);
        if (!fits) {
          if (ended.ending !== 'usage') throw new Error(`${what}: taken (${ended.ending})`);
          if (!output.includes('--snapshot')) throw new Error(`${what}: does not name the option: ${output}`);
          if (existsSync(html)) throw new Error(`${what}: was refused, and wrote a page`);
          return;
        }
        if (!['done', 'attention'].includes(ended.ending))
          throw new Error(`${what}: refused: ${output.slice(0, 1500)}`);
        const saved = JSON.stringify(jsonOf(formatSnapshot(parse('--snapshot', text))));
        if (saved !== JSON.stringify(jsonOf(ordered(text, saved)))) throw new Error(`${what}: is not saved as it was`);
        if (given.output === 'json') {
          for (const one of textsOf(JSON.parse(ended.stdout))) assertCommands(what, one);
          return;
        }
        assertPrinted(what, ended.stdout, text);
        assertCommands(what, ended.stdout);
        if (given.output === 'html') assertPage(what, readFileSync(html, 'utf8'));
      };
      return {
        input,
        check: (given) => scratch.within((folder) => check(given, folder)),
        close: () => scratch.close(),
      };
    },
  });

/** The text with its keys in the order of another document that holds the same. */
function ordered(text: string, like: string): string {
  const sorted = (value: unknown, model: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one, at) => sorted(one, (model as unknown[] | undefined)?.[at]));
    if (typeof value !== 'object' || value === null) return value;
    const [own, wanted] = [value as Record<string, unknown>, (model ?? {}) as Record<string, unknown>];
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(own)])];
    return Object.fromEntries(keys.map((key) => [key, sorted(own[key], wanted[key])]));
  };
  return JSON.stringify(sorted(JSON.parse(text), JSON.parse(like)));
}

export const assessSnapshots = assessSnapshotsBy((args) => runCommand(args), parseSnapshot);
