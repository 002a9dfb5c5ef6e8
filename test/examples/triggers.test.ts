import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const directory = fileURLToPath(new URL('../../examples/triggers', import.meta.url));
const TRIGGERS = ['user-migration', 'pre-token-generation', 'pre-sign-up', 'post-confirmation'];
const BUNDLES = [...TRIGGERS, 'session-handover'];

it('bundles each trigger into less than 60 KB, and session hand-over, which contains the verifier, into less than 80 KB', async () => {
  const { stdout } = await run(process.execPath, ['build.mjs'], { cwd: directory });
  const sizes = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2)),
  );
  expect(Object.keys(sizes).sort()).toEqual(BUNDLES.map((name) => `dist/${name}.mjs`).sort());
  for (const [name, size] of Object.entries(sizes)) {
    expect(Number(size)).toBeLessThan(name === 'dist/session-handover.mjs' ? 80 : 60);
  }
});

it('shows what each of them answers', async () => {
  const { stdout } = await run(process.execPath, ['trial.mjs'], { cwd: directory });
  const oldId = /tables: ([0-9a-f-]{36})/.exec(stdout)?.[1] ?? 'none';
  const answers = stdout.split('\n').filter((line) => line.startsWith('  '));
  expect(JSON.parse(answers[0] ?? '')).toEqual({
    email: 'anna@example.com',
    email_verified: 'true',
    'custom:legacy_sub': oldId,
  });
  expect(answers[1]).toBe('  The sign-in was refused.');
  expect(JSON.parse(answers[2] ?? '')).toMatchObject({
    accessTokenGeneration: { claimsToAddOrOverride: { legacy_sub: oldId } },
    groupOverrideDetails: { groupsToOverride: ['customers'] },
  });
  expect(answers[3]).toContain('This sign-up is not allowed.');
  expect(answers[4]).toBe('  true');
  const handedOver = answers.slice(5).map((line) => JSON.parse(line));
  expect(handedOver).toEqual([{ answerCorrect: false }, { answerCorrect: true }, { answerCorrect: false }]);
});

it('has a template whose functions are the bundles, and whose app client cannot write the attribute', async () => {
  const template = await readFile(`${directory}/template.yaml`, 'utf8');
  const handlers = [...template.matchAll(/Handler: (\S+)\.handler/g)].map(([, name]) => name);
  expect(handlers.sort()).toEqual([...TRIGGERS].sort());
  expect(template).toMatch(/WriteAttributes: \[\s*email\s*\]/);
  // Every name that the template refers to is one that it has; SAM makes a role for each function.
  const names = [...template.matchAll(/^ {2}(\w+):/gm)].flatMap(([, name]) => [name, `${name}Role`]);
  for (const [, name] of template.matchAll(/!(?:Ref|GetAtt|Condition) (\w+)/g)) expect(names).toContain(name);
});
