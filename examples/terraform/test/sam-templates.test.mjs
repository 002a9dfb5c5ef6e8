import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const hasLinter = spawnSync('cfn-lint', ['--version']).status === 0;

it('are templates in which cfn-lint finds no error', { skip: hasLinter ? false : 'cfn-lint is not installed' }, () => {
  const templates = ['template.yaml', 'legacy-pool.yaml', 'alarms.yaml', '../lambda-authorizer/template.yaml'];
  const { status, stdout } = spawnSync('cfn-lint', ['--non-zero-exit-code', 'error', ...templates], {
    cwd: fileURLToPath(new URL('../../triggers', import.meta.url)),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});
