import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { LEGACY_POOL, migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { fault } from '../fault.js';
import { startSyncTrial } from './sync-trial.js';

const PLACES = [
  { TZ: 'UTC', LC_ALL: 'C' },
  { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  { TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' },
];

/** Names whose upper and lower case depend on the language, and the order of which does too. */
const NAMES = ['IRIS', 'iris2', 'İpek', 'ırmak', 'Ärger', 'zebra', 'Straße', 'ÖZGÜR', 'Çiğdem', 'a,b', '=sum'];

const person = (name: string, pool: number, index: number, upper: boolean) => {
  const email = `mail-${index}-title@example.com`;
  return {
    username: pool === 1 ? name : `${name}-new`,
    sub: `${pool}${String(index).padStart(7, '0')}-0000-4000-8000-000000000000`,
    attributes: { email: upper ? email.toUpperCase() : email, email_verified: 'true' },
  };
};

/** What a run says and leaves, without the time it took. */
async function migrated(env: Record<string, string>) {
  const [, fresh] = migrationPair({ users: 0 });
  const { generated: _, ...empty } = fresh;
  const pools = [
    { id: LEGACY_POOL, users: NAMES.map((name, index) => person(name, 1, index, false)) },
    { ...empty, users: NAMES.slice(2).map((name, index) => person(name, 2, index + 2, true)) },
  ];
  const trial = await startSyncTrial({ pools, latencyMs: [0, 0] });
  trial.simulator.pool(LEGACY_POOL).addGroup({ GroupName: 'TİTLE', members: NAMES.slice(2, 6) });
  const [csv, file, out] = ['report.csv', 'mapping.ndjson', 'import'].map((name) => join(trial.home, name)) as [
    string,
    string,
    string,
  ];
  const documents: Record<string, unknown> = {};
  for (const [command, more] of [
    ['plan', ['--groups']],
    ['apply', []],
    ['verify', []],
    ['publish', ['--to', file]],
    ['export-csv', ['--out', out]],
    ['report', ['--csv', csv]],
    ['rollback', ['--dry-run']],
  ] as const) {
    const { seconds: _seconds, ...document } = await trial.run(command, more, env);
    documents[command] = JSON.parse(JSON.stringify(document).replaceAll(trial.home, ''));
  }
  const texts = [csv, file, join(out, 'import-0001.csv')].map((path) => readFileSync(path, 'utf8'));
  const groups = [...trial.simulator.pool(NEW_POOL).groups.keys()];
  return { documents, texts, values: trial.values(), groups };
}

describe('a machine in another place', () => {
  fault(
    'the machine has another time zone and another language, Turkish or German',
    'Every command says and writes the same, letter by letter.',
    async () => {
      const [there, ...elsewhere] = await Promise.all(PLACES.map(migrated));
      expect(there?.documents).toMatchObject({ apply: { failed: 0, remaining: 0 } });
      expect(Object.keys(there?.values ?? {})).toHaveLength(NAMES.length - 2);
      for (const result of elsewhere) expect(result).toEqual(there);
    },
    { timeoutMs: 180_000 },
  );
});
