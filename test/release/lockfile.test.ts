import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { licenceTable, lockedPackages, printedTable } from '../../scripts/licences.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const jsonOf = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** In the tarball of another package, whose hash holds for it too. */
  readonly inBundle?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const LOCKS = ['package-lock.json', 'examples/cdk/package-lock.json', 'examples/terraform/package-lock.json'].filter(
  (path) => existsSync(join(root, path)),
);
const entriesOf = (path: string) =>
  Object.entries<Locked>(jsonOf(path).packages).filter(([at, { link }]) => at.includes('node_modules/') && !link);
const [ours = ''] = LOCKS;
const production = entriesOf(ours).filter(([, { dev }]) => dev !== true);

describe.each(LOCKS)('%s', (path) => {
  const entries = entriesOf(path);

  it('has the hash of every package, those of other platforms included', () => {
    const without = entries.filter(
      ([, { integrity = '', inBundle }]) => inBundle !== true && !/^sha512-[\w+/]{86}==$/.test(integrity),
    );
    expect(entries).not.toEqual([]);
    expect(without.map(([at]) => at)).toEqual([]);
  });

  it('names no place but the public registry', () => {
    const elsewhere = entries.filter(
      ([, { resolved = 'https://registry.npmjs.org/' }]) => !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere).toEqual([]);
  });

  it('has the binaries of every platform', () => {
    const paths = new Set(entries.map(([at]) => at));
    const found = (from: string, name: string): boolean => {
      if (paths.has(join(from, 'node_modules', name))) return true;
      return from !== '' && found(from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name);
    };
    const missing = entries.flatMap(([at, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !found(at, name)),
    );
    expect(missing).toEqual([]);
  });
});

describe('what users install', () => {
  it('is described by the manifest that the lock file was made from', () => {
    const { name, version, dependencies, optionalDependencies } = jsonOf('package.json');
    expect(jsonOf(ours).packages['']).toMatchObject({ name, version, dependencies, optionalDependencies });
  });

  it('runs no script when it is installed', () => {
    expect(production.length).toBeGreaterThan(20);
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript).map(([at]) => at)).toEqual([]);
    const { scripts } = jsonOf('package.json');
    expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });

  it('runs no script either by what lies in the installed folders', () => {
    const present = production.filter(([at]) => existsSync(join(root, at)));
    const scripted = present.filter(([at]) => {
      const { scripts = {} } = jsonOf(join(at, 'package.json'));
      // npm compiles where there is this file, without any script.
      return existsSync(join(root, at, 'binding.gyp')) || /"(?:pre|post)?install":/.test(JSON.stringify(scripts));
    });
    expect(present.length).toBeGreaterThan(20);
    expect(scripted.map(([at]) => at)).toEqual([]);
  });

  it('runs on the lowest Node of engines', () => {
    const [major, minor] = jsonOf('package.json').engines.node.match(/\d+/g).map(Number);
    const tooNew = production.filter(([, { engines }]) => {
      const [, theirMajor = 0, theirMinor = 0] = (/^>=\s*(\d+)(?:\.(\d+))?/.exec(engines?.node ?? '') ?? []).map(
        Number,
      );
      return theirMajor > major || (theirMajor === major && theirMinor > minor);
    });
    expect(tooNew.map(([at, { engines }]) => `${at} ${engines?.node}`)).toEqual([]);
  });
});

describe('licences', () => {
  const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];
  /** Development only: tools that are run, and never part of what is published. */
  const ALSO_FOR_DEVELOPMENT = ['BlueOak-1.0.0', 'CC-BY-4.0', 'CC0-1.0', 'MPL-2.0'];
  /** Older packages state theirs in a file alone. */
  const STATED_IN_A_FILE: Readonly<Record<string, string>> = {
    busboy: 'MIT',
    limiter: 'MIT',
    querystring: 'MIT',
    streamsearch: 'MIT',
  };

  /** A choice is good if one of it is allowed; what is joined by AND must all be allowed. */
  const isAllowed = (licence: string, allowed: readonly string[]) =>
    licence
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some((choice) => choice.split(' AND ').every((one) => allowed.includes(one)));

  it.each([
    ['MIT OR GPL-3.0-only', true],
    ['(MIT AND GPL-3.0-only)', false],
    ['AGPL-3.0', false],
    ['UNLICENSED', false],
  ])('%s: %s', (licence, verdict) => expect(isAllowed(licence, ALLOWED)).toBe(verdict));

  it('of what users install are permissive', () => {
    const wrong = lockedPackages().filter(({ isDev, license = '' }) => !isDev && !isAllowed(license, ALLOWED));
    expect(wrong).toEqual([]);
  });

  it('of development packages are known ones', () => {
    const allowed = [...ALLOWED, ...ALSO_FOR_DEVELOPMENT];
    const wrong = lockedPackages().filter(
      ({ name, license = STATED_IN_A_FILE[name] ?? '' }) => !isAllowed(license, allowed),
    );
    expect(wrong).toEqual([]);
  });

  it('are those that docs/dependencies.md lists: node scripts/licences.mjs renews it', () => {
    expect(printedTable()).toBe(licenceTable());
  });
});
