import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LEGACY_POOL, NEW_POOL } from '../../support/cognito-simulator/migration-pair.js';
import type { PoolOptions } from '../../support/cognito-simulator/pool.js';
import { fuzzTarget } from '../fuzz-target.js';
import { CommandProcess } from './command-process.js';
import { assertWellEnded, type CommandRun } from './command-run.js';
import { HostileCognito } from './hostile-cognito.js';
import { Scratch } from './scratch.js';

const ATTRIBUTE = 'custom:legacy_sub';
const USERS = 40;
const PAGE = 4096;

/** The states that are damaged: a finished plan, one that is half applied, one whose run was killed with changes beside the file. */
const STATES = ['planned', 'half', 'killed'] as const;

type Damage =
  | { readonly how: 'flip'; readonly places: readonly number[]; readonly file: 'main' | 'wal' }
  | { readonly how: 'cut'; readonly share: number; readonly file: 'main' | 'wal' }
  | { readonly how: 'swap'; readonly one: number; readonly other: number }
  | { readonly how: 'old-page'; readonly page: number }
  | { readonly how: 'number'; readonly offset: 18 | 28 | 60 | 68; readonly value: number }
  | { readonly how: 'text'; readonly text: string }
  | { readonly how: 'folder' }
  | {
      readonly how: 'beside';
      readonly suffix: string;
      readonly content: 'text' | 'state' | 'folder' | 'empty' | 'none';
    };

interface Input {
  readonly state: (typeof STATES)[number];
  readonly damage: readonly Damage[];
  readonly command: (typeof COMMANDS)[number];
}

const COMMANDS = ['apply', 'apply', 'apply', 'rollback', 'status', 'report', 'verify', 'publish', 'plan'] as const;

const file = fc.constantFrom('main' as const, 'main' as const, 'wal' as const);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      how: fc.constant('flip' as const),
      places: fc.array(fc.nat(8_000_000), { minLength: 1, maxLength: 12 }),
      file,
    }),
  },
  fc.record({ how: fc.constant('cut' as const), share: fc.double({ min: 0, max: 1, noNaN: true }), file }),
  { weight: 2, arbitrary: fc.record({ how: fc.constant('swap' as const), one: fc.nat(200), other: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('old-page' as const), page: fc.nat(200) }) },
  fc.record({
    how: fc.constant('number' as const),
    offset: fc.constantFrom(18 as const, 28 as const, 60 as const, 68 as const),
    value: fc.nat(0x1_0010),
  }),
  fc.record({
    how: fc.constant('text' as const),
    text: fc.constantFrom('', 'new_username\n', 'SQLite format 3\0', 'x'.repeat(9000)),
  }),
  fc.constant({ how: 'folder' as const }),
  fc.record({
    how: fc.constant('beside' as const),
    suffix: fc.constantFrom('-wal', '-wal', '-shm', '.lock', '-journal', '.key', '.new'),
    content: fc.constantFrom('text' as const, 'state' as const, 'folder' as const, 'empty' as const, 'none' as const),
  }),
);

const input: fc.Arbitrary<Input> = fc.record({
  state: fc.constantFrom(...STATES),
  damage: fc.array(damage, { minLength: 1, maxLength: 2 }),
  command: fc.constantFrom(...COMMANDS),
});

/** Without a pattern, so that no damage turns one into another. */
function uuid(n: number): string {
  let [state, digits] = [n * 2_654_435_761 + 12_345, ''];
  while (digits.length < 32) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) >>> 0;
    digits += state.toString(16).padStart(8, '0');
  }
  return digits.slice(0, 32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-9$4-$5');
}

const name = (n: number) => `user-${String(n).padStart(2, '0')}`;

function pools(): readonly PoolOptions[] {
  const person = (n: number, sub: string) => ({
    username: name(n),
    sub,
    attributes: { email: `${name(n)}@example.com`, email_verified: 'true' },
  });
  const numbers = Array.from({ length: USERS }, (_, n) => n);
  return [
    { id: LEGACY_POOL, users: numbers.map((n) => person(n, uuid(n))), clients: [] },
    {
      id: NEW_POOL,
      users: numbers.map((n) => person(n, uuid(1000 + n))),
      customAttributes: ['legacy_sub'],
      clients: [{ ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'], ReadAttributes: ['email'] }],
    },
  ];
}

/** What was planned: the only values that may ever be written, and to whom. */
const PLANNED: ReadonlyMap<string, string> = new Map(Array.from({ length: USERS }, (_, n) => [name(n), uuid(n)]));

/** The files of a state, by what follows its path. */
type Files = ReadonlyMap<string, Buffer>;

const filesAt = (folder: string): Files =>
  new Map(
    readdirSync(folder)
      .filter((one) => one.startsWith('cutover.db') && statSync(join(folder, one)).isFile())
      .map((one) => [one.slice('cutover.db'.length), readFileSync(join(folder, one))]),
  );

class Workshop {
  readonly states = new Map<string, Files>();
  /** Users who have their value already, by state. */
  readonly held = new Map<string, readonly string[]>();

  constructor(
    readonly cognito: HostileCognito,
    readonly process: CommandProcess,
  ) {}

  async build(folder: string): Promise<void> {
    const { cognito } = this;
    cognito.reset(pools());
    const path = join(folder, 'cutover.db');
    await this.run('plan', path);
    this.#keep('planned', folder);
    // A reader keeps the changes of the run beside the file, as if it had been killed.
    let copied: Files | undefined;
    let writes = 0;
    cognito.onRequest = (operation) => {
      if (operation !== 'AdminUpdateUserAttributes') return;
      writes += 1;
      if (writes === 10) copied = filesAt(folder);
    };
    await this.run('apply', path, ['--max-writes', '15']);
    this.#keep('half', folder);
    if (copied !== undefined) this.states.set('killed', copied);
    this.held.set('killed', this.held.get('half') ?? []);
  }

  #keep(state: string, folder: string): void {
    this.states.set(state, filesAt(folder));
    const users = [...this.cognito.core.pool(NEW_POOL).users.all()];
    this.held.set(
      state,
      users.filter(({ attributes }) => attributes[ATTRIBUTE] !== undefined).map(({ username }) => username),
    );
  }

  /** The pools as the state left them. */
  resetPools(state: string): void {
    this.cognito.reset(pools());
    const pool = this.cognito.core.pool(NEW_POOL);
    for (const user of this.held.get(state) ?? []) pool.setAttribute(user, ATTRIBUTE, PLANNED.get(user) ?? '');
  }

  run(command: Input['command'], path: string, more: readonly string[] = []): Promise<CommandRun | undefined> {
    const { endpoint } = this.cognito;
    const pace = ['--rps', '1000', '--quota', '1000'];
    const calls = ['apply', 'rollback', 'verify', 'plan'].includes(command);
    return this.process.run([
      ...[command, '--state', path, '--json', '--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL],
      ...(calls
        ? ['--legacy-endpoint', endpoint, '--new-endpoint', endpoint, '--patience', '1m', '--read-rps', '1000']
        : []),
      ...(command === 'apply' || command === 'rollback' ? [...pace, '--yes'] : []),
      ...(command === 'report' ? ['--csv', `${path}.report.csv`] : []),
      ...(command === 'publish' ? ['--to', `${path}.ndjson`] : []),
      ...more,
    ]);
  }

  lay(state: string, folder: string, damage: readonly Damage[]): string {
    const path = join(folder, 'cutover.db');
    for (const [suffix, bytes] of this.states.get(state) ?? []) writeFileSync(path + suffix, bytes);
    for (const one of damage) this.#damage(path, one);
    return path;
  }

  #damage(path: string, damage: Damage): void {
    const target = 'file' in damage && damage.file === 'wal' && existsSync(`${path}-wal`) ? `${path}-wal` : path;
    if (damage.how === 'beside') {
      const beside = path + damage.suffix;
      rmSync(beside, { recursive: true, force: true });
      if (damage.content === 'folder') mkdirSync(beside);
      else if (damage.content === 'state') writeFileSync(beside, this.states.get('planned')?.get('') ?? '');
      else if (damage.content !== 'none')
        writeFileSync(beside, damage.content === 'text' ? 'new_username\nx\n'.repeat(9) : '');
      return;
    }
    if (!existsSync(target) || !statSync(target).isFile()) return;
    if (damage.how === 'folder') {
      rmSync(target);
      mkdirSync(target);
      return;
    }
    writeFileSync(
      target,
      damagedBytes(readFileSync(target), damage, this.states.get('planned')?.get('') ?? Buffer.alloc(0)),
    );
  }
}

function damagedBytes(bytes: Buffer, damage: Exclude<Damage, { how: 'folder' | 'beside' }>, older: Buffer): Buffer {
  switch (damage.how) {
    case 'flip':
      for (const place of damage.places) {
        const at = Math.floor(place / 8) % Math.max(1, bytes.length);
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (place % 8));
      }
      return bytes;
    case 'cut':
      return bytes.subarray(0, Math.floor(bytes.length * damage.share));
    case 'swap':
    case 'old-page': {
      const pages = Math.max(1, Math.floor(bytes.length / PAGE));
      const [one, other] =
        damage.how === 'swap' ? [damage.one % pages, damage.other % pages] : [damage.page % pages, damage.page % pages];
      const source = damage.how === 'swap' ? Buffer.from(bytes) : older;
      source.copy(bytes, one * PAGE, other * PAGE, (other + 1) * PAGE);
      if (damage.how === 'swap') source.copy(bytes, other * PAGE, one * PAGE, (one + 1) * PAGE);
      return bytes;
    }
    case 'number':
      if (bytes.length >= 100) bytes.writeUInt32BE(damage.value, damage.offset);
      return bytes;
    case 'text':
      return Buffer.from(damage.text);
  }
}

/** What is refused before SQLite opens the file. */
const REFUSED_AT_ONCE = /not a state file|version of cognito-cutover|its last changes|where its header says/;

const REFUSALS = ['ERR_STATE_INVALID', 'ERR_STATE_NOT_READY', 'ERR_STATE_LOCKED', 'ERR_STATE_STORAGE'];

/** Why a write must not have been sent. */
function against(operation: string, asked: Readonly<Record<string, unknown>>, command: string): string | undefined {
  if (!/^(Admin|Create|Delete|Update)/.test(operation)) return undefined;
  const { Username: username, UserAttributes: attributes, UserAttributeNames: names, UserPoolId: pool } = asked;
  const what = `${command} sent ${operation} ${JSON.stringify(asked)}`;
  if (pool !== NEW_POOL || typeof username !== 'string') return what;
  if (operation === 'AdminDeleteUserAttributes') {
    return command === 'rollback' && JSON.stringify(names) === JSON.stringify([ATTRIBUTE]) ? undefined : what;
  }
  const written = attributes as { Name: string; Value: string }[] | undefined;
  const isPlanned =
    written?.length === 1 && written[0]?.Name === ATTRIBUTE && PLANNED.get(username) === written[0].Value;
  return operation === 'AdminUpdateUserAttributes' && command === 'apply' && isPlanned ? undefined : what;
}

export const stateFiles = fuzzTarget<Input>({
  name: 'state-files',
  boundary: 'state files that are damaged, cut, mixed up or foreign',
  async start() {
    const scratch = new Scratch();
    const cognito = await new HostileCognito().listen();
    const commands = new CommandProcess();
    const workshop = new Workshop(cognito, commands);
    await scratch.within((folder) => workshop.build(folder));
    return {
      input,
      check: ({ state, damage, command }) =>
        scratch.within(async (folder) => {
          const path = workshop.lay(state, folder, damage);
          workshop.resetPools(state);
          const before = filesAt(folder).get('');
          const wrong: string[] = [];
          cognito.onRequest = (operation, asked) => {
            const reason = against(operation, asked, command);
            if (reason !== undefined) wrong.push(reason);
          };
          const requests = cognito.requests;
          const run = await workshop.run(command, path);
          if (wrong.length > 0) throw new Error(`not what was planned: ${wrong[0]}\n${run?.stdout}${run?.stderr}`);
          if (run === undefined) return;
          assertWellEnded(`${command} of a damaged state`, run);
          assertRefusal(run, command);
          // Damage that only shows later, while the file is in use, is not among these.
          const isRefused = run.ending === 'usage' && REFUSED_AT_ONCE.test(run.stdout) && cognito.requests === requests;
          const after = filesAt(folder).get('');
          if (isRefused && before !== undefined && !before.equals(after ?? Buffer.alloc(0))) {
            throw new Error(`a state that was refused was changed: ${run.stderr}`);
          }
        }),
      close: async () => {
        await commands.close();
        await cognito.close();
        scratch.close();
      },
    };
  },
});

function assertRefusal({ ending, stdout, stderr }: CommandRun, command: string): void {
  if (['done', 'attention'].includes(ending)) return;
  const { error } = JSON.parse(stdout) as { error?: { code: string; message: string; fix?: string } };
  if (error === undefined) throw new Error(`${command} gave no error: ${stdout}${stderr}`);
  const isKnown =
    REFUSALS.includes(error.code) || ['ERR_CONFIGURATION', 'ERR_ATTRIBUTE', 'ERR_POOL'].includes(error.code);
  if (!isKnown) throw new Error(`${command} was refused with ${error.code}: ${error.message}`);
  if (error.code === 'ERR_STATE_INVALID' && error.fix === undefined)
    throw new Error(`no way out is told: ${error.message}`);
}
