import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { folder, readModule } from './read-terraform.mjs';

const readme = readFileSync(`${folder}README.md`, 'utf8');
const root = await readModule('.');
const shell = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text]) => text).join('');

it('names resources, variables and outputs that exist', () => {
  const addresses = [...shell.matchAll(/\b(aws_\w+)\.(\w+)/g)];
  assert.ok(addresses.length >= 5);
  for (const [address, type, name] of addresses) assert.ok(root.resource[type]?.[name], address);
  for (const name of [
    'legacy_user_pool_id',
    'legacy_client_id',
    'legacy_app_client_ids',
    'handover_client_ids',
    'session_handover',
    'own_sub_trigger',
    'legacy_role_arns',
  ]) {
    assert.match(readme, new RegExp(`\`${name}\\b`));
    assert.ok(root.variable[name], name);
  }
  assert.ok(root.output.legacy_trigger_arn);
});

it('lets Terraform forget all that it may not destroy, and nothing else', () => {
  const [, forgotten] = /^terraform state rm (.+)$/m.exec(shell);
  const kept = Object.entries(root.resource).flatMap(([type, named]) =>
    Object.entries(named)
      .filter(([, [{ lifecycle }]]) => lifecycle?.[0].prevent_destroy === true)
      .map(([name]) => `${type}.${name}`),
  );
  assert.deepEqual(forgotten.split(' ').sort(), kept.sort());
});

it('calls Terraform and scripts that exist', () => {
  const verbs = [...shell.matchAll(/^terraform (\w+)/gm)].map(([, verb]) => verb);
  assert.deepEqual([...new Set(verbs)].sort(), ['apply', 'destroy', 'import', 'init', 'plan', 'state']);
  assert.ok(existsSync(`${folder}../triggers/set-triggers.sh`));
  assert.ok(JSON.parse(readFileSync(`${folder}../triggers/package.json`, 'utf8')).scripts.build);
});
