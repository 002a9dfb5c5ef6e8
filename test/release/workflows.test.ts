import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const github = join(root, '.github');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const files = readdirSync(github, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yml'));

function yamlOf(name: string) {
  const document = parseDocument(readFileSync(join(github, name), 'utf8'), { strict: true, uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = files
  .filter((name) => name.startsWith('workflows'))
  .map((name) => [name, yamlOf(name) as Workflow] as const);
const workflow = (name: string) => new Map(workflows).get(join('workflows', name)) as Workflow;
const commandsOf = ({ steps }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : run.split('\n')));

it('every file under .github is YAML without a mistake', () => {
  expect(files.length).toBeGreaterThan(7);
  for (const name of files) expect(yamlOf(name), name).toBeTypeOf('object');
});

describe.each(workflows)('%s', (_, { on, permissions, jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('reads only, unless a job says what more it needs', () => {
    expect(permissions).toEqual({ contents: 'read' });
    const more = Object.entries(jobs).filter(([, job]) => job.permissions !== undefined);
    expect(more.map(([name]) => name).filter((name) => !['npm', 'github', 'analyze'].includes(name))).toEqual([]);
  });

  it('never runs code of a pull request with the rights of the repository', () => {
    expect(Object.keys(on)).not.toContain('pull_request_target');
    expect(Object.keys(on)).not.toContain('workflow_run');
  });

  it('takes actions of GitHub alone, each at a version', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/^(?:actions|github)\/[\w/-]+@(?:v\d+|[\da-f]{40})$/.test(action))).toEqual([]);
  });

  it('ends every job in time, and keeps no credentials in the checkout', () => {
    expect(Object.values(jobs).filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  it('puts nothing into a shell that others can choose', () => {
    const commands = Object.values(jobs).flatMap(commandsOf);
    expect(commands.filter((command) => command.includes('${{'))).toEqual([]);
  });

  it('calls npm scripts and files that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const commands = Object.values(jobs).flatMap(commandsOf).join('\n');
    const called = [...commands.matchAll(/npm (?:run )?([\w:-]+)/g)].map(([, name = '']) => name);
    const ofNpm = ['ci', 'pack', 'publish', 'audit'];
    expect(called.filter((name) => scripts[name] === undefined && !ofNpm.includes(name))).toEqual([]);
    const paths = [...commands.matchAll(/(?<=^|\s)((?:scripts\/|\.ci\/)[\w./-]+)/gm)].map(([, path = '']) => path);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the workflow CI', () => {
  it('runs the whole check, every Node that is supported, and other platforms', () => {
    const { whole, nodes, platforms } = workflow('ci.yml').jobs;
    expect(whole && commandsOf(whole)).toContain('.ci/run');
    expect(nodes?.strategy?.matrix['node']).toEqual([20, 22, 24, 26]);
    expect(platforms?.strategy?.matrix['os']).toEqual(['macos-latest', 'windows-latest']);
  });
});

describe('the release', () => {
  const { on, jobs } = workflow('release.yml');

  it('begins with a tag, and goes step by step: each job needs the one before', () => {
    expect(on).toEqual({ push: { tags: ['v*.*.*'] } });
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ['check', undefined],
      ['pack', 'check'],
      ['npm', 'pack'],
      ['github', 'npm'],
    ]);
  });

  it('publishes with provenance what was packed, in a job that has no other rights and runs no code of ours', () => {
    const { npm, github: release } = jobs;
    expect(npm?.permissions).toEqual({ 'id-token': 'write' });
    expect(release?.permissions).toEqual({ contents: 'write' });
    const publish = npm && commandsOf(npm);
    expect(publish).toEqual([expect.stringMatching(/^npm publish \S+\.tgz .*--provenance/)]);
    expect(publish?.[0]).toContain('--ignore-scripts');
    for (const job of [npm, release]) {
      expect(job?.steps.filter(({ uses }) => uses?.startsWith('actions/checkout'))).toEqual([]);
    }
  });

  it('checks everything first, the advisories included', () => {
    const commands = jobs['check'] && commandsOf(jobs['check']);
    expect(commands).toContain('.ci/run');
    expect(commands).toContain('npm run audit');
  });
});

describe('the forms for issues', () => {
  const forms = files.filter((name) => name.startsWith('ISSUE_TEMPLATE') && !name.endsWith('config.yml'));

  it.each(forms)('%s has a name, and every question an id of its own', (name) => {
    const form = yamlOf(name) as { name: string; description: string; body: { type: string; id?: string }[] };
    expect(form.name).not.toBe('');
    expect(form.description).not.toBe('');
    const asked = form.body.filter(({ type }) => type !== 'markdown').map(({ id }) => id);
    expect(asked).not.toContain(undefined);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it.each(['bug.yml', 'question.yml'])('%s asks for the version, and never for tokens', (name) => {
    const text = textOf(join('.github/ISSUE_TEMPLATE', name));
    expect(text).toContain('npx cognito-cutover --version');
    expect(text).toContain('Never paste a token');
  });

  it('leads with security faults to a private report', () => {
    const { contact_links: links } = yamlOf('ISSUE_TEMPLATE/config.yml') as { contact_links: { url: string }[] };
    expect(links.map(({ url }) => url)).toEqual([
      'https://github.com/cognito-cutover/cognito-cutover/security/advisories/new',
    ]);
  });
});

it('Dependabot watches every lock file, and the actions', () => {
  const { updates } = yamlOf('dependabot.yml') as { updates: { directory?: string; directories?: string[] }[] };
  const watched = updates.flatMap(({ directory, directories = [] }) => [...directories, directory ?? []].flat());
  const lockFiles = ['/', '/examples/cdk', '/examples/terraform'];
  expect(lockFiles.filter((folder) => !existsSync(join(root, folder, 'package-lock.json')))).toEqual([]);
  expect(new Set(watched)).toEqual(new Set(lockFiles));
});
