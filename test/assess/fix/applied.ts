import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { State } from './cognito-state.js';

/** One change that a fix makes to one object of a pool. */
interface Change {
  readonly userPoolId: string;
  /** Its name in the state. */
  readonly object: string;
  /** jq, from the description to the input of the update. */
  readonly program: string;
}

const MERGE =
  /^aws cognito-idp (describe-user-pool|describe-user-pool-client|get-user-pool-mfa-config|describe-identity-provider) (.*) \\\n {2}\| jq ('(?:[^']|'\\'')*') > .*\naws cognito-idp (\S+) /gm;
const ATTRIBUTES = /^aws cognito-idp add-custom-attributes (.*) --custom-attributes '(.*)'$/gm;

const option = (call: string, name: string): string => {
  const [, quoted, plain] = new RegExp(`--${name} (?:'([^']*)'|(\\S+))`).exec(call) ?? [];
  return quoted ?? plain ?? '';
};

/** What a fix changes, in its order. Calls that create something are none of it. */
export function changesOf(fix: string): Change[] {
  const merges = [...fix.matchAll(MERGE)].map(([, command = '', call = '', quoted = '']): Change & { at: string } => ({
    userPoolId: option(call, 'user-pool-id'),
    object:
      {
        'describe-user-pool': 'pool',
        'get-user-pool-mfa-config': 'mfa',
        'describe-user-pool-client': `client ${option(call, 'client-id')}`,
        'describe-identity-provider': `provider ${option(call, 'provider-name')}`,
      }[command] ?? '',
    program: quoted.slice(1, -1).replaceAll("'\\''", "'"),
    at: command,
  }));
  const added = [...fix.matchAll(ATTRIBUTES)].map(
    ([, call = '', list = '']): Change => ({
      userPoolId: option(call, 'user-pool-id'),
      object: 'pool',
      program: `.UserPool | .SchemaAttributes += ((${list.replaceAll("'\\''", "'")} | map(.Name = "custom:" + .Name)) as $new | $new - (.SchemaAttributes // []))`,
    }),
  );
  return [...added, ...merges];
}

const WRAPPER = { pool: 'UserPool', client: 'UserPoolClient', provider: 'IdentityProvider', mfa: undefined } as const;

export interface Job {
  readonly states: ReadonlyMap<string, State>;
  readonly fix: string;
}

/** jq fails on programs with many more parts. */
const MOST_PROGRAMS = 150;

/** What each step sends, in one run of jq for all. */
function answersOf(steps: readonly { readonly change: Change; readonly input: object }[]): Record<string, unknown>[] {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-fixes-'));
  const file = join(folder, 'program.jq');
  writeFileSync(file, `[${steps.map(({ change }, at) => `(.[${at}] | ${change.program})`).join(',\n')}]`);
  const input = JSON.stringify(steps.map((step) => step.input));
  const stdout = execFileSync('sh', ['-c', 'jq -c -f "$0"', file], { input, maxBuffer: 1 << 28 });
  rmSync(folder, { recursive: true });
  return JSON.parse(stdout.toString());
}

/** Makes the changes of every job's fix. */
export function applyAll(jobs: readonly Job[]): ReadonlyMap<string, State>[] {
  const steps = jobs.flatMap(({ states, fix }, job) =>
    changesOf(fix).map((change) => {
      const description = states.get(change.userPoolId)?.[change.object];
      if (description === undefined) throw new Error(`${change.object} of ${change.userPoolId} does not exist`);
      const kind = change.object.split(' ')[0] as keyof typeof WRAPPER;
      const wrapper = WRAPPER[kind];
      return { job, change, input: wrapper === undefined ? description : { [wrapper]: description } };
    }),
  );
  const sent: Readonly<Record<string, unknown>>[] = [];
  for (let from = 0; from < steps.length; from += MOST_PROGRAMS) {
    sent.push(...answersOf(steps.slice(from, from + MOST_PROGRAMS)));
  }
  const after = jobs.map(({ states }) => new Map(states));
  for (const [at, { job, change }] of steps.entries()) {
    const pools = after[job];
    const state = pools?.get(change.userPoolId) ?? {};
    const { UserPoolId: _id, PoolName: _name, ...update } = sent[at] ?? {};
    pools?.set(change.userPoolId, updated(state, change.object, update));
  }
  return after;
}

/** What an update leaves out is kept here: the programs send everything but what Cognito does not take. */
function updated(state: State, object: string, update: Readonly<Record<string, unknown>>): State {
  const next = { ...state, [object]: { ...state[object], ...update } };
  // Two descriptions of one thing.
  if (object === 'mfa') return { ...next, pool: { ...next['pool'], MfaConfiguration: update['MfaConfiguration'] } };
  if (object === 'pool')
    return { ...next, mfa: { ...next['mfa'], MfaConfiguration: next['pool']?.['MfaConfiguration'] } };
  return next;
}
