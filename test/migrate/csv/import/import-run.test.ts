import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createImportJobs } from '../../../../src/directory/command-line/import-jobs.js';
import { createUserDirectory } from '../../../../src/directory/command-line/user-directory.js';
import type { ImportService } from '../../../../src/directory/import-types.js';
import { DirectoryError } from '../../../../src/directory/user-types.js';
import { checkTarget } from '../../../../src/migrate/csv/export/import-target.js';
import { ExportFiles } from '../../../../src/migrate/csv/export/output.js';
import { RowMaker } from '../../../../src/migrate/csv/export/row.js';
import { prepareFolder } from '../../../../src/migrate/csv/format/folder.js';
import { formatManifest, manifestPath } from '../../../../src/migrate/csv/format/manifest.js';
import { type ImportCsvOptions, runImportCsv } from '../../../../src/migrate/csv/import/import-run.js';
import { replaceFileSync } from '../../../../src/migrate/files/durable-file.js';
import { readMappingFile } from '../../../../src/migrate/matching/mapping-file.js';
import type { MappingRow } from '../../../../src/migrate/outcomes.js';
import {
  migrationPair,
  NEW_POOL,
  type Simulator,
  startSimulator,
  type UserInput,
} from '../../../support/cognito-simulator/index.js';
import { AutoClock } from '../../support/auto-clock.js';
import { newFolder, user } from '../support.js';

const ROLE = 'arn:aws:iam::123456789012:role/Logs';

interface Setup {
  readonly simulator: Simulator;
  readonly service: ImportService;
  readonly from: string;
  readonly clock: AutoClock;
  readonly directory: ReturnType<typeof createUserDirectory>;
}

/** A simulated pool, and files of four users, two in each. */
async function exported({ names = ['ann', 'bob', 'cat', 'dan'], perFile = 2 } = {}): Promise<Setup> {
  const clock = new AutoClock();
  const [, { generated: _, ...pool }] = migrationPair({ users: 0 });
  const simulator = await startSimulator({ quotas: null, pools: [pool], now: clock.now });
  onTestFinished(() => simulator.close());
  const where = { userPoolId: NEW_POOL, endpoint: simulator.endpoint };
  const service = createImportJobs(where);
  const directory = createUserDirectory(where);
  onTestFinished(() => service.close());
  onTestFinished(() => directory.close());
  const from = newFolder();
  const columns = await service.columns();
  const rows = new RowMaker(checkTarget(service, columns, await service.settings(), 'custom:legacy_sub'));
  const manifest = { legacyPools: ['eu-west-1_Old'], newPool: NEW_POOL, attribute: 'custom:legacy_sub', columns };
  const lock = prepareFolder(from, manifest);
  lock.release();
  const files = new ExportFiles(from, columns, { users: perFile, bytes: 1e8 });
  for (const name of names) {
    const phone = name === 'bob' ? { phone_number: '+15550100' } : {};
    const row = rows.make(user(phone, { username: name, sub: `${name}-sub` }));
    if ('line' in row) files.add(row.line, row.sub);
  }
  const finishedAt = new Date(clock.now()).toISOString();
  replaceFileSync(manifestPath(from), formatManifest({ ...manifest, ...files.finish(), finishedAt }));
  return { simulator, service, from, clock, directory };
}

function importing({ service, from, clock, directory }: Setup, options: Partial<ImportCsvOptions> = {}) {
  return runImportCsv({
    ...{ service, from, clock },
    logsRoleArn: ROLE,
    listUsers: async (sink) => {
      let token: string | undefined;
      do {
        const page = await directory.listUsers(token === undefined ? {} : { token });
        sink.add(page.users);
        token = page.nextToken;
      } while (token !== undefined);
    },
    ...options,
  });
}

const jobsOf = ({ simulator }: Setup) => [...simulator.pool(NEW_POOL).importJobs.values()];
const usersOf = ({ simulator }: Setup) => [...simulator.pool(NEW_POOL).users.all()];
async function mappingOf({ from }: Setup) {
  const rows: Omit<MappingRow, 'line'>[] = [];
  for await (const { line: _, ...row } of readMappingFile('--mapping', join(from, 'mapping.csv'))) rows.push(row);
  return rows;
}
const ALL_DONE = {
  imported: 4,
  skipped: 0,
  failed: 0,
  arrivedSince: 0,
  jobs: 2,
  remaining: 0,
  confirmed: 4,
  missing: 0,
  problems: [],
};

/** The first job imports its users and fails all the same, as Cognito does where many are skipped. */
function failingFirst(setup: Setup): ImportService {
  return {
    ...setup.service,
    describeJob: async (id) => {
      const job = await setup.service.describeJob(id);
      const isFirst = id === jobsOf(setup)[0]?.id;
      return isFirst && job.status === 'Succeeded'
        ? { ...job, status: 'Failed', message: 'Too many users have failed or been skipped during the import.' }
        : job;
    },
  };
}

/** The permission for a second job is missing. */
function deniedAtSecond({ service }: Setup): ImportService {
  let made = 0;
  const createJob: ImportService['createJob'] = (...args) => {
    made += 1;
    if (made === 1) return service.createJob(...args);
    throw new DirectoryError('credentials', 'CreateUserImportJob', 'AccessDeniedException', 'denied');
  };
  return { ...service, createJob };
}

function addOthersJob({ simulator }: Setup): void {
  const job = { id: 'import-other', name: 'other', roleArn: ROLE, createdAt: 0, status: 'InProgress' as const };
  const counts = { describes: 0, imported: 0, skipped: 0, failed: 0, log: [] };
  simulator.pool(NEW_POOL).importJobs.set(job.id, { ...job, ...counts });
}

describe('an import', () => {
  it('brings every file in, one job after the other, and finds who arrived', async () => {
    const setup = await exported();
    const steps: string[] = [];
    const started: number[] = [];
    const service: ImportService = {
      ...setup.service,
      startJob: (id) => {
        started.push(jobsOf(setup).filter(({ status }) => status === 'Pending' || status === 'InProgress').length);
        return setup.service.startJob(id);
      },
    };
    const confirmed: unknown[] = [];
    const confirm = async (ahead: unknown) => confirmed.push(ahead) > 0;
    const result = await importing({ ...setup, service }, { onStep: (step) => steps.push(step), confirm });
    expect(result).toEqual(ALL_DONE);
    expect(confirmed).toEqual([{ users: 4, files: 2 }]);
    expect(started).toEqual([0, 0]);
    expect(steps.filter((step) => step.startsWith('import-0002.csv'))).toEqual([
      expect.stringContaining('job import-'),
      'import-0002.csv: uploaded',
      'import-0002.csv: started',
      'import-0002.csv: InProgress, 0 imported, 0 skipped, 0 failed',
      'import-0002.csv: Succeeded, 2 imported, 0 skipped, 0 failed',
    ]);
    expect(await mappingOf(setup)).toContainEqual({
      newUsername: 'ann',
      newSub: setup.simulator.pool(NEW_POOL).user('ann')?.attributes['sub'],
      legacySub: 'ann-sub',
    });
    expect(jobsOf(setup).every(({ roleArn }) => roleArn === ROLE)).toBe(true);
  });

  it('is not done twice, and looks again who is there', async () => {
    const setup = await exported();
    await importing(setup);
    setup.simulator.pool(NEW_POOL).deleteUser('bob');
    expect(await importing(setup)).toEqual({ ...ALL_DONE, confirmed: 3, missing: 1 });
    expect(jobsOf(setup)).toHaveLength(2);
    expect(readFileSync(join(setup.from, 'missing.csv'), 'utf8')).toBe(
      'legacy_sub,file,line\r\nbob-sub,import-0001.csv,3\r\n',
    );
  });

  it('closes its folder to others, and removes what a killed run left of its work', async () => {
    const setup = await exported();
    chmodSync(setup.from, 0o755);
    for (const name of ['.work.db', '.work.db-journal', '.missing.csv.part', '.mapping.csv.0123456789ab.tmp']) {
      writeFileSync(join(setup.from, name), 'personal');
    }
    const steps: string[] = [];
    await importing(setup, { confirm: async () => false, onStep: (step) => steps.push(step) });
    expect(statSync(setup.from).mode & 0o777).toBe(0o700);
    expect(steps).toEqual([expect.stringContaining('Now only you can')]);
    expect(readdirSync(setup.from).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await importing(setup)).toEqual(ALL_DONE);
  });

  it('does nothing where the answer is no', async () => {
    const setup = await exported();
    expect(await importing(setup, { confirm: async () => false })).toMatchObject({ imported: 0, remaining: 4 });
    expect(jobsOf(setup)).toEqual([]);
  });
});

describe('who came into the new pool since the plan', () => {
  it.each<[string, UserInput, string]>([
    ['legacy id', { username: 'x', attributes: { 'custom:legacy_sub': 'BOB-sub' } }, 'bob'],
    ['username', { username: 'BOB' }, 'bob'],
    ['e-mail address', { username: 'x', attributes: { email: 'Bob@example.com' } }, 'bob'],
    ['phone number', { username: 'x', attributes: { phone_number: '+15550100' } }, 'bob'],
  ])('is taken out of the files, and named: same %s', async (_name, attributes, name) => {
    const setup = await exported();
    setup.simulator.pool(NEW_POOL).addUser(attributes);
    const steps: string[] = [];
    const confirmed: unknown[] = [];
    const confirm = async (ahead: unknown) => confirmed.push(ahead) > 0;
    expect(await importing(setup, { onStep: (step) => steps.push(step), confirm })).toEqual({
      ...ALL_DONE,
      ...{ imported: 3, confirmed: 3, arrivedSince: 1 },
    });
    expect(confirmed).toEqual([{ users: 4, files: 2 }]);
    expect(steps[0]).toContain('after the plan and are not imported: 1 (');
    expect(usersOf(setup).filter(({ username }) => username === name)).toHaveLength(0);
    expect(readFileSync(join(setup.from, 'lines.csv'), 'utf8')).toBe(
      'file,line,legacy_sub\r\nimport-0001.csv,2,ann-sub\r\nimport-0002.csv,2,cat-sub\r\nimport-0002.csv,3,dan-sub\r\n',
    );
    expect(readFileSync(join(setup.from, 'not-imported.csv'), 'utf8')).toContain(`${name}-sub,arrived-since,`);
    // What was left out is left out for good: the folder is the export now.
    expect(await importing(setup)).toEqual({ ...ALL_DONE, ...{ imported: 3, confirmed: 3 } });
  });

  it('is taken out of a file whose job was made and never started, and which then gets another', async () => {
    const setup = await exported();
    const stop = new AbortController();
    const onStep = (step: string) => {
      if (step === 'import-0001.csv: uploaded') stop.abort(new Error('stopped'));
    };
    await expect(importing(setup, { onStep, signal: stop.signal })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    setup.simulator.pool(NEW_POOL).addUser({ username: 'bob' });
    expect(await importing(setup)).toMatchObject({ imported: 3, skipped: 0, arrivedSince: 1, confirmed: 3 });
    expect(jobsOf(setup).map(({ status, imported }) => [status, imported])).toEqual([
      ['Created', 0],
      ['Succeeded', 1],
      ['Succeeded', 2],
    ]);
  });

  it('costs a file that holds nobody else', async () => {
    const setup = await exported();
    for (const username of ['ann', 'bob']) setup.simulator.pool(NEW_POOL).addUser({ username });
    expect(await importing(setup)).toMatchObject({ imported: 2, jobs: 1, remaining: 0, arrivedSince: 2, problems: [] });
    expect(readdirSync(setup.from)).not.toContain('import-0001.csv');
  });

  it('makes no difference to a job that works, or to files whose job succeeded', async () => {
    const setup = await exported();
    const stop = new AbortController();
    const onStep = (step: string) => {
      if (step === 'import-0002.csv: started') stop.abort(new Error('stopped'));
    };
    await expect(importing(setup, { onStep, signal: stop.signal })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(await importing(setup)).toEqual(ALL_DONE);
  });

  it('is nobody whom an earlier job of the file imported', async () => {
    const setup = await exported();
    await importing({ ...setup, service: failingFirst(setup) });
    setup.simulator.pool(NEW_POOL).deleteUser('bob');
    expect(await importing(setup)).toMatchObject({ arrivedSince: 0, confirmed: 4, problems: [] });
  });

  it('and carries the legacy id of a file that is to be imported again stops the run', async () => {
    const setup = await exported();
    await importing({ ...setup, service: failingFirst(setup) });
    setup.simulator.pool(NEW_POOL).deleteUser('bob');
    const attributes = { email: 'eve@example.com', 'custom:legacy_sub': 'bob-sub' };
    setup.simulator.pool(NEW_POOL).addUser({ username: 'eve', attributes });
    await expect(importing(setup)).rejects.toMatchObject({
      code: 'ERR_POOL',
      message: expect.stringContaining(
        'legacy ids of import-0001.csv that other users of the new pool already have: 1',
      ),
      fix: expect.stringContaining('export-csv --retry'),
    });
    expect(jobsOf(setup)).toHaveLength(2);
  });
});

describe('the age of an export', () => {
  const DAY_MS = 24 * 3_600_000;

  it.each([
    [DAY_MS + 3_600_000, 'is 25 hours old, and 24 are allowed'],
    [-2 * 3_600_000, 'is dated in the future'],
  ])('is asked about, and refused where nobody answers: %s ms', async (passed, message) => {
    const setup = await exported();
    setup.clock.setWallClock(passed);
    const refused = { option: 'maxPlanAge', message: expect.stringContaining(message) };
    await expect(importing(setup)).rejects.toMatchObject(refused);
    await expect(importing(setup, { confirmAge: async () => false })).rejects.toMatchObject(refused);
    expect(jobsOf(setup)).toEqual([]);
    const asked: string[] = [];
    expect(await importing(setup, { confirmAge: async (what) => asked.push(what) > 0 })).toEqual(ALL_DONE);
    expect(asked).toEqual([`the export ${message}`]);
    // Nobody is to be imported any more: then it does not matter.
    expect(await importing(setup)).toEqual(ALL_DONE);
  });

  it('may be more where that is said, and is checked', async () => {
    const setup = await exported();
    setup.clock.setWallClock(2 * DAY_MS);
    await expect(importing(setup, { maxPlanAge: 0 })).rejects.toMatchObject({ option: 'maxPlanAge' });
    expect(await importing(setup, { maxPlanAge: 49 })).toEqual(ALL_DONE);
  });
});

describe('a killed import', () => {
  class Killed extends Error {}

  /** Ends with the run's n-th call, before or after Cognito carried it out. */
  function killedAt(service: ImportService, call: number, after: boolean): ImportService {
    let calls = 0;
    const kill = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => {
      return async (...args: A): Promise<T> => {
        calls += 1;
        if (calls === call && !after) throw new Killed();
        const answer = await work(...args);
        if (calls >= call && after) throw new Killed();
        return answer;
      };
    };
    return {
      userPoolId: service.userPoolId,
      columns: kill(service.columns),
      settings: kill(service.settings),
      createJob: kill(service.createJob),
      startJob: kill(service.startJob),
      stopJob: kill(service.stopJob),
      describeJob: kill(service.describeJob),
      listJobs: kill(service.listJobs),
      upload: kill(service.upload),
    };
  }

  const CALLS = Array.from({ length: 13 }, (_, at) => at + 1);

  it.each(CALLS.flatMap((call) => [[call, 'before'] as const, [call, 'after'] as const]))(
    'goes on when it was killed %s. call, %s it was carried out',
    async (call, when) => {
      const setup = await exported();
      const service = killedAt(setup.service, call, when === 'after');
      await expect(importing({ ...setup, service })).rejects.toThrow(Killed);
      const upload: ImportService['upload'] = async (url, ...rest) => {
        expect(jobsOf(setup).find(({ id }) => url.endsWith(id))?.status).toBe('Created');
        return setup.service.upload(url, ...rest);
      };
      expect(await importing({ ...setup, service: { ...setup.service, upload } })).toEqual(ALL_DONE);
      expect(jobsOf(setup)).toHaveLength(2);
      expect(usersOf(setup)).toHaveLength(4);
    },
  );

  it('was killed at every call there is', async () => {
    const setup = await exported();
    const service = killedAt(setup.service, CALLS.length + 1, false);
    expect(await importing({ ...setup, service })).toEqual(ALL_DONE);
  });

  it('continues when it is killed at every call in turn', async () => {
    const setup = await exported();
    for (let kills = 0; kills < 40; kills++) {
      const service = killedAt(setup.service, 2 + (kills % 5), kills % 2 === 0);
      try {
        expect(await importing({ ...setup, service })).toEqual(ALL_DONE);
        expect(jobsOf(setup)).toHaveLength(2);
        expect(kills).toBeGreaterThan(3);
        return;
      } catch (error) {
        expect(error).toBeInstanceOf(Killed);
      }
    }
    expect.unreachable('the import never came to its end');
  });

  it('makes another job where the address of the first is too old', async () => {
    const setup = await exported();
    await expect(importing({ ...setup, service: killedAt(setup.service, 3, true) })).rejects.toThrow(Killed);
    const [first] = jobsOf(setup);
    const upload: ImportService['upload'] = (url, ...rest) =>
      setup.service.upload(url.endsWith(`${first?.id}`) ? `${url}-expired` : url, ...rest);
    expect(await importing({ ...setup, service: { ...setup.service, upload } })).toEqual(ALL_DONE);
    expect(jobsOf(setup).map(({ status }) => status)).toEqual(['Created', 'Succeeded', 'Succeeded']);
  });

  it('makes another job where the first one is gone', async () => {
    const setup = await exported();
    await expect(importing({ ...setup, service: killedAt(setup.service, 4, true) })).rejects.toThrow(Killed);
    const [first] = jobsOf(setup);
    const service: ImportService = {
      ...setup.service,
      describeJob: async (id) => {
        const job = await setup.service.describeJob(id);
        return id === first?.id ? { ...job, status: 'Expired' } : job;
      },
    };
    expect(await importing({ ...setup, service })).toEqual(ALL_DONE);
  });
});

describe('what goes wrong', () => {
  it('with answers that are lost is made up for', async () => {
    for (const operation of [
      'CreateUserImportJob',
      'StartUserImportJob',
      'ListUserImportJobs',
      'DescribeUserImportJob',
    ]) {
      const setup = await exported();
      setup.simulator.faults.set([{ kind: 'drop-after', operations: [operation], times: 1 }]);
      expect(await importing(setup), operation).toEqual(ALL_DONE);
      expect(jobsOf(setup), operation).toHaveLength(2);
    }
  });

  it('with throttling is waited out', async () => {
    const setup = await exported();
    setup.simulator.faults.set([{ kind: 'throttle', share: 0.4 }]);
    const listUsers: ImportCsvOptions['listUsers'] = async () => setup.simulator.faults.set([]);
    expect(await importing(setup, { listUsers })).toMatchObject({ imported: 4, missing: 4 });
  });

  it('with a refused upload makes one job in a run, and not one after the other', async () => {
    const setup = await exported();
    const refused = (times: number): ImportService => {
      let left = times;
      return {
        ...setup.service,
        upload: (url, file, signal) => setup.service.upload(left-- > 0 ? `${url}-wrong` : url, file, signal),
      };
    };
    await expect(importing({ ...setup, service: refused(99) })).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('HTTP 404'),
      fix: expect.stringContaining('proxy'),
    });
    expect(jobsOf(setup)).toHaveLength(1);
    // The address of that job may have expired since: once, another one is made.
    await expect(importing({ ...setup, service: refused(99) })).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(jobsOf(setup)).toHaveLength(2);
    expect(await importing({ ...setup, service: refused(1) })).toEqual(ALL_DONE);
    expect(jobsOf(setup)).toHaveLength(4);
  });

  it('with a limit of jobs is told as what can be mended, and costs no job', async () => {
    const setup = await exported();
    const fault = { kind: 'error', type: 'LimitExceededException', operations: ['CreateUserImportJob'] } as const;
    setup.simulator.faults.set([fault]);
    await expect(importing(setup)).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('accepts no more import jobs'),
      fix: expect.stringContaining('list-user-import-jobs'),
    });
    setup.simulator.faults.set([]);
    expect(await importing(setup)).toEqual(ALL_DONE);
    expect(jobsOf(setup)).toHaveLength(2);
  });

  it('with the job of somebody else that was started meanwhile is told as such', async () => {
    const setup = await exported();
    const startJob: ImportService['startJob'] = (id) => {
      addOthersJob(setup);
      return setup.service.startJob(id);
    };
    await expect(importing({ ...setup, service: { ...setup.service, startJob } })).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('the import job other is running on pool'),
    });
    setup.simulator.pool(NEW_POOL).importJobs.delete('import-other');
    expect(await importing(setup)).toEqual(ALL_DONE);
  });

  it('at the second file keeps the mapping of the first', async () => {
    const setup = await exported();
    await expect(importing({ ...setup, service: deniedAtSecond(setup) })).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      partial: { imported: 2, jobs: 1, remaining: 2, confirmed: 2, missing: 0 },
    });
    expect((await mappingOf(setup)).map(({ legacySub }) => legacySub)).toEqual(['ann-sub', 'bob-sub']);
    expect(await importing(setup)).toEqual(ALL_DONE);
  });

  it('at the second file is told, and not what it leads to', async () => {
    const setup = await exported();
    const steps: string[] = [];
    let listings = 0;
    const listUsers = async () => {
      listings += 1;
      if (listings > 1) throw new DirectoryError('credentials', 'ListUsers', 'AccessDeniedException', 'denied');
    };
    const service = deniedAtSecond(setup);
    const run = importing({ ...setup, service }, { listUsers, onStep: (step) => steps.push(step) });
    await expect(run).rejects.toMatchObject({ code: 'ERR_CREDENTIALS', message: 'denied', partial: { confirmed: 0 } });
    expect(steps.at(-1)).toContain('The next run repeats it');
  });

  it('with single users is counted, and they are named', async () => {
    const setup = await exported();
    // After the pool was listed, and before the job.
    const createJob: ImportService['createJob'] = (...args) => {
      const pool = setup.simulator.pool(NEW_POOL);
      if (pool.user('ann') === undefined) pool.addUser({ username: 'ann', attributes: { email: 'eve@example.com' } });
      return setup.service.createJob(...args);
    };
    const path = join(setup.from, 'missing.csv');
    expect(await importing({ ...setup, service: { ...setup.service, createJob } })).toMatchObject({
      imported: 3,
      skipped: 1,
      confirmed: 3,
      missing: 1,
    });
    expect(readFileSync(path, 'utf8')).toContain('ann-sub,import-0001.csv,2');
  });

  it('with a whole job is told, the other files are imported, and another run tries again', async () => {
    const setup = await exported();
    expect(await importing({ ...setup, service: failingFirst(setup) })).toMatchObject({
      imported: 4,
      jobs: 2,
      remaining: 0,
      problems: [{ file: 'import-0001.csv', status: 'Failed', message: expect.stringContaining('Too many users') }],
    });
    setup.simulator.pool(NEW_POOL).deleteUser('bob');
    // Of the two of the first file, ann is there: skipping her is nothing to look into.
    expect(await importing(setup)).toMatchObject({ imported: 5, skipped: 0, jobs: 2, problems: [], confirmed: 4 });
    expect(jobsOf(setup)).toHaveLength(3);
  });

  it('with a stopped signal leaves the job to the next run', async () => {
    const setup = await exported();
    const stop = new AbortController();
    const onStep = (step: string) => {
      if (step.endsWith('started')) stop.abort(new Error('stopped'));
    };
    await expect(importing(setup, { onStep, signal: stop.signal })).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
      partial: { remaining: 4 },
    });
    expect(jobsOf(setup).map(({ status }) => status)).toEqual(['Pending']);
    expect(await importing(setup)).toEqual(ALL_DONE);
  });

  it.each([
    ['stops the job where that is wanted, and another run makes the next one', 'Stopped', 3],
    ['knows a job that came to its end before it was stopped', 'Succeeded', 2],
  ])('with a stopped signal %s', async (_name, status, jobs) => {
    const setup = await exported();
    const stop = new AbortController();
    const steps: string[] = [];
    const onStep = (step: string) => {
      steps.push(step);
      if (step.endsWith('started')) stop.abort(new Error('stopped'));
    };
    const stopJob: ImportService['stopJob'] = async (id) => {
      // As if the answer had crossed the end of the job.
      if (status === 'Succeeded') for (const _ of [1, 2]) await setup.service.describeJob(id);
      return setup.service.stopJob(id);
    };
    const service = { ...setup.service, stopJob };
    const run = importing({ ...setup, service }, { onStep, signal: stop.signal, stopOnInterrupt: true });
    await expect(run).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(jobsOf(setup)[0]?.status).toBe(status);
    expect(steps.at(-1)).toContain('the job was stopped');
    expect(await importing(setup)).toEqual(ALL_DONE);
    expect(jobsOf(setup)).toHaveLength(jobs);
  });

  it('with the stopping itself is told, and the job continues', async () => {
    const setup = await exported();
    const stop = new AbortController();
    const steps: string[] = [];
    const onStep = (step: string) => {
      steps.push(step);
      if (step.endsWith('started')) stop.abort(new Error('stopped'));
    };
    setup.simulator.faults.set([{ kind: 'error', type: 'AccessDeniedException', operations: ['StopUserImportJob'] }]);
    const run = importing(setup, { onStep, signal: stop.signal, stopOnInterrupt: true });
    await expect(run).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(steps.at(-1)).toContain('could not be stopped (AccessDeniedException); it continues');
    expect(await importing(setup)).toEqual(ALL_DONE);
    expect(jobsOf(setup)).toHaveLength(2);
  });
});

describe('an import is refused', () => {
  it.each<[string, object, (setup: Setup) => void]>([
    ['without a manifest', { option: 'from' }, ({ from }) => rmSync(manifestPath(from))],
    [
      'when the export was not finished',
      { option: 'from', message: expect.stringContaining('was not finished') },
      ({ from }) => {
        const text = readFileSync(manifestPath(from), 'utf8').replace(/"finishedAt": ".*"/, '"finishedAt": null');
        writeFileSync(manifestPath(from), text);
      },
    ],
    [
      'when a file was changed',
      { option: 'from', message: expect.stringContaining('import-0002.csv has changed') },
      ({ from }) => {
        const path = join(from, 'import-0002.csv');
        writeFileSync(path, readFileSync(path, 'utf8').replace('cat-sub', 'dan-sub'));
      },
    ],
    [
      'when a file is missing',
      { option: 'from', message: expect.stringContaining('import-0001.csv is missing') },
      ({ from }) => rmSync(join(from, 'import-0001.csv')),
    ],
    [
      'when it is no longer known whose line is whose',
      { option: 'from', message: expect.stringContaining('lines.csv has changed') },
      ({ from }) => writeFileSync(join(from, 'lines.csv'), 'file,line,legacy_sub\r\n'),
    ],
    [
      'when it is no longer known who is not imported',
      { option: 'from', message: expect.stringContaining('not-imported.csv is missing') },
      ({ from }) => rmSync(join(from, 'not-imported.csv')),
    ],
    [
      'when others may write into the folder',
      { option: 'from', message: expect.stringContaining('other users can write') },
      ({ from }) => chmodSync(from, 0o720),
    ],
    [
      'when the pool is another one',
      { option: 'from', message: expect.stringContaining('eu-west-1_Other') },
      ({ from }) => {
        const text = readFileSync(manifestPath(from), 'utf8').replace(NEW_POOL, 'eu-west-1_Other');
        writeFileSync(manifestPath(from), text);
      },
    ],
    [
      'when the attributes of the pool changed',
      { code: 'ERR_POOL', message: expect.stringContaining('changed since the export') },
      ({ simulator }) =>
        simulator.pool(NEW_POOL).schema.push({ Name: 'custom:new', AttributeDataType: 'String', Mutable: true }),
    ],
    [
      'when the record is damaged',
      { code: 'ERR_STATE_INVALID' },
      ({ from }) => writeFileSync(join(from, 'import.json'), '{"files":'),
    ],
    [
      'while another job works on the pool',
      {
        code: 'ERR_UNAVAILABLE',
        message: expect.stringContaining('is running on pool'),
        fix: expect.stringContaining('again'),
      },
      (setup) => addOthersJob(setup),
    ],
  ])('%s', async (_name, expected, spoil) => {
    const setup = await exported();
    spoil(setup);
    const before = jobsOf(setup).length;
    await expect(importing(setup)).rejects.toMatchObject(expected);
    expect(jobsOf(setup)).toHaveLength(before);
    expect(usersOf(setup)).toEqual([]);
  });

  it('while an export works in the folder', async () => {
    const setup = await exported();
    const lock = prepareFolder(setup.from, { legacyPools: ['eu-west-1_Old'], newPool: NEW_POOL });
    const before = readdirSync(setup.from);
    await expect(importing(setup)).rejects.toMatchObject({ option: 'from' });
    lock.release();
    expect(readdirSync(setup.from)).toEqual(before);
  });

  it('while another process imports the same folder', async () => {
    const setup = await exported();
    const confirm = async () => {
      await expect(importing(setup)).rejects.toMatchObject({ code: 'ERR_STATE_LOCKED' });
      return false;
    };
    await importing(setup, { confirm });
    expect.assertions(1);
  });
});
