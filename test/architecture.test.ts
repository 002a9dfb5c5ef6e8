import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Import {
  readonly target: string;
  readonly isType: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)|\brequire\('([^']+)'\)/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '');
  return [...text.matchAll(IMPORT)].map(([, type, from, dynamic, required]) => {
    const target = from ?? dynamic ?? required ?? '';
    const path = target.startsWith('.') ? normalize(join(dirname(file), target)).replace(/\.js$/, '.ts') : target;
    return { target: path, isType: type !== undefined };
  });
}

const files = ['src', 'middleware'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const isOurs = (target: string) => /^(?:src|middleware)\//.test(target);

const GROUND = [
  'aws-lambda',
  'clock',
  'duration',
  'dynamodb-client',
  'errors',
  'http/bearer',
  'http/challenge',
  'options',
  'redis-client',
  'thenable',
  'time-limit',
  'users/attribute-values',
  'users/fold',
  'users/identities',
  'users/legacy-id-names',
  'users/mau-prices',
  'words',
].map((name) => `src/${name}.ts`);
const CONTRACTS = [
  'src/legacy-id/mapping-snapshot.ts',
  'src/legacy-id/resolver.ts',
  'src/legacy-id/store.ts',
  'src/directory/pages.ts',
  'src/directory/user-types.ts',
  'src/directory/pool-types.ts',
  'src/directory/group-types.ts',
  'src/directory/import-types.ts',
];
/** Each folder with what of ours it may import besides itself. Entry points may import all below them, but not each other. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/verify/': [...GROUND, ...CONTRACTS, 'src/operate/announcer.ts', 'src/operate/events.ts', 'src/operate/phases/'],
  'src/operate/': [...GROUND],
  'src/stores/': ['src/legacy-id/', 'src/once/', 'src/operate/'],
  'src/once/': [...GROUND],
  'src/handover/': [...GROUND],
  'src/migrate/': [...GROUND, ...CONTRACTS],
  'src/assess/': [...GROUND, ...CONTRACTS],
  'src/legacy-id/': [...GROUND, 'src/directory/'],
  'src/directory/': [...GROUND, ...CONTRACTS],
  'src/testing/': [...GROUND, 'src/verify/types.ts'],
  'src/triggers/': [...GROUND, 'src/verify/', 'src/directory/', 'src/legacy-id/', 'src/once/once-store.ts'],
  'src/cli/': [
    ...GROUND,
    'src/verify/',
    'src/operate/',
    'src/migrate/',
    'src/assess/',
    'src/directory/',
    'src/legacy-id/',
    'middleware/forward-auth.ts',
  ],
  'middleware/': [...GROUND, 'src/verify/', 'src/operate/', 'src/legacy-id/'],
};

describe('the direction of imports', () => {
  it('is read from the files', () => {
    expect(files).toContain('src/verify/verifier.ts');
    expect(imports.get('src/verify/verifier.ts')).toContainEqual({ target: 'src/verify/keys.ts', isType: false });
    expect(imports.get('src/verify/keys.ts')).toContainEqual({ target: 'node:crypto', isType: true });
    expect(imports.get('src/verify/jwks-fetch.ts')).toContainEqual({ target: 'node:https', isType: false });
  });

  it.each(Object.entries(ALLOWED))('%s imports only what is below it', (folder, allowed) => {
    const inside = files.filter((file) => file.startsWith(folder));
    const wrong = inside.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter(({ target }) => isOurs(target) && !target.startsWith(folder))
        .filter(({ target }) => !allowed.some((one) => target.startsWith(one)))
        .map(({ target }) => `${file} -> ${target}`),
    );
    expect(inside).not.toEqual([]);
    expect(wrong).toEqual([]);
  });

  it('leads from the ground floor to nothing of ours', () => {
    const wrong = GROUND.flatMap((file) => (imports.get(file) ?? []).map(({ target }) => target)).filter(isOurs);
    expect(wrong.filter((target) => !GROUND.includes(target))).toEqual([]);
  });

  it('leads from src to middleware in the command forward-auth alone, and there to one file', () => {
    const inSrc = files.filter((file) => file.startsWith('src/'));
    const targets = inSrc.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter(({ target }) => target.startsWith('middleware/'))
        .map(({ target }) => `${dirname(file)} -> ${target}`),
    );
    expect([...new Set(targets)]).toEqual(['src/cli/commands/forward-auth -> middleware/forward-auth.ts']);
  });

  it('leads to the Cognito SDK client from src/directory alone', () => {
    const importers = files.filter((file) =>
      imports.get(file)?.some(({ target }) => target.startsWith('@aws-sdk/client-cognito-identity-provider')),
    );
    expect(importers.filter((file) => !file.startsWith('src/directory/'))).toEqual([]);
  });

  it('never leads to the package by its own name, which a clean checkout cannot resolve before it is built', () => {
    const beside = ['test', 'bench', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((name) => name.endsWith('.ts') && !name.startsWith('test/package/')),
    );
    const byName = [...files, ...beside].filter((file) =>
      /^import [^;]*'cognito-cutover['/]/m.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(beside).toContain('test/examples/hosts.test.ts');
    expect(byName).toEqual([]);
  });

  it('has no circles', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      for (const { target } of imports.get(file) ?? []) if (isOurs(target)) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it.each(['src/index.ts', ...['express', 'plain', 'fastify', 'hono', 'koa'].map((host) => `middleware/${host}.ts`)])(
    'reaches from %s only aws-jwt-verify and Node at run time',
    (entry) => {
      const reached = new Set<string>();
      const foreign = new Set<string>();
      const visit = (file: string): void => {
        if (reached.has(file)) return;
        reached.add(file);
        for (const { target, isType } of imports.get(file) ?? []) {
          if (isType) continue;
          if (isOurs(target)) visit(target);
          else if (!target.startsWith('node:')) foreign.add(target);
        }
      };
      visit(entry);
      expect(reached.size).toBeGreaterThan(5);
      expect([...foreign].filter((target) => !target.startsWith('aws-jwt-verify'))).toEqual([]);
    },
  );
});

/** The rooms of a folder, files and folders alike, from the top down: an import leads to a lower line, never along or up. */
const LEVELS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'src/migrate/': [
    ['apply.ts', 'browse', 'plan.ts', 'rollback.ts', 'verify.ts'],
    ['apply-steps.ts', 'estimate.ts', 'plan-phases.ts', 'publish', 'report.ts', 'run-options.ts'],
    ['attributes', 'control', 'csv', 'groups', 'preflight'],
    ['listing', 'matching', 'recheck', 'run.ts'],
    ['state'],
    ['calls', 'files', 'missing-attribute.ts', 'results.ts'],
    ['migration-error.ts', 'outcomes.ts', 'progress.ts'],
  ],
  'src/cli/': [
    ['bin.ts'],
    ['program.ts'],
    ['arguments.ts', 'commands'],
    ['drain-stores.ts', 'help.ts'],
    [
      'define-command.ts',
      'failure.ts',
      'html',
      'listening.ts',
      'pools.ts',
      'run-control',
      'store-connection.ts',
      'wording',
    ],
    ['options', 'terminal'],
  ],
  'src/assess/': [
    ['verdict.ts'],
    ['assess.ts'],
    ['advice', 'checks'],
    ['fix', 'forecast', 'reading', 'tables'],
    ['define-check.ts', 'facts'],
    ['finding.ts', 'percent.ts', 'snapshot'],
  ],
  'src/directory/': [
    ['command-line', 'lambda', 'user-reader.ts'],
    ['answers.ts', 'failures.ts', 'group-types.ts', 'import-types.ts', 'pages.ts', 'pool-types.ts'],
    ['requests.ts', 'user-types.ts'],
  ],
  'middleware/': [
    ['express.ts'],
    ['api-gateway.ts', 'fastify.ts', 'forward-auth.ts', 'hono.ts', 'koa.ts', 'nest.ts', 'plain.ts'],
    ['nest'],
    ['core.ts', 'fastify', 'hono', 'readiness-route.ts'],
    ['api-gateway'],
    ['core'],
  ],
  'src/migrate/csv/': [
    ['export', 'import'],
    ['age.ts', 'format'],
  ],
};

describe('the levels of a folder', () => {
  it.each(Object.entries(LEVELS))('%s: imports lead downwards', (folder, levels) => {
    const roomOf = (file: string) => file.slice(folder.length).split('/')[0] ?? '';
    const inside = files.filter((file) => file.startsWith(folder));
    const levelOf = new Map(levels.flatMap((rooms, level) => rooms.map((room) => [room, level])));
    const upwards = inside.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter(({ target }) => target.startsWith(folder) && roomOf(target) !== roomOf(file))
        .filter(({ target }) => (levelOf.get(roomOf(target)) ?? -1) <= (levelOf.get(roomOf(file)) ?? -1))
        .map(({ target }) => `${file} -> ${target}`),
    );
    expect([...new Set(inside.map(roomOf))].sort()).toEqual(levels.flat().toSorted());
    expect(upwards).toEqual([]);
  });
});

describe("the journal's table", () => {
  it('is written by the journal alone', () => {
    const writes = /\b(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM|REPLACE INTO) operations\b/;
    const writers = files.filter((file) => writes.test(readFileSync(join(root, file), 'utf8')));
    expect(writers).toEqual(['src/migrate/state/journal.ts']);
  });
});

/**
 * Names that stand more than once on purpose: a command and the run it starts, the parts that several commands have, and the two
 * kinds of writes, which are built alike.
 */
const SHARED_NAMES: readonly RegExp[] = [
  /^(?:src|src\/assess\/checks|src\/testing|src\/triggers)\/index\.ts$/,
  /^src\/cli\/commands\/[^/]+\.ts$/,
  /^src\/cli\/commands\/[^/]+\/(?:command|page|result|text)\.ts$/,
  /^src\/migrate\/groups\/(?:compare|pending|undo)\.ts$/,
];

describe('the names of files', () => {
  it('are found once', () => {
    const byName = new Map<string, string[]>();
    for (const file of files.filter((one) => !SHARED_NAMES.some((shared) => shared.test(one)))) {
      byName.set(basename(file), [...(byName.get(basename(file)) ?? []), file]);
    }
    expect([...byName.values()].filter((found) => found.length > 1)).toEqual([]);
  });
});

describe('the size of folders and files', () => {
  it('leaves no folder with more than fifteen neighbours, but for the checks', () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const crowded = [...counts].filter(([folder, count]) => count > 15 && folder !== 'src/assess/checks');
    expect(crowded).toEqual([]);
  });

  it('leaves no adapter of a framework with more than eighty lines', () => {
    const adapters = ['fastify', 'hono', 'koa', 'nest', 'plain'].map((host) => `middleware/${host}.ts`);
    expect(adapters.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 81)).toEqual([]);
  });

  it('stays readable', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 260);
    expect(long).toEqual([]);
  });
});
