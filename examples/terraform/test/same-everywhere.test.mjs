import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { byKind, cutover, legacyPool, PERMISSIONS, readFunctions as readCdk } from '../../cdk/test/read-cdk.mjs';
import { readFunctions as readSam } from './read-sam.mjs';
import { readFunctions as readTerraform } from './read-terraform.mjs';

const RULES = [
  ['AWS/Lambda Errors', ['Sum', 'GreaterThanOrEqualToThreshold', 1, 1, 60], 'notBreaching'],
  ['AWS/Lambda Throttles', ['Sum', 'GreaterThanOrEqualToThreshold', 1, 1, 60], 'notBreaching'],
  ['AWS/Lambda Duration', ['Maximum', 'GreaterThanThreshold', 4000, 1, 60], 'notBreaching'],
];
/** Triggers that refuse people by an error: their log is counted, without refusals. */
const REFUSING = ['user-migration', 'pre-sign-up'];
const [[, ...ERRORS], ...OTHERS] = RULES;
const alarmsOf = (name) => (REFUSING.includes(name) ? [['CognitoCutover', ...ERRORS], ...OTHERS] : RULES);

const sam = readSam();
const readers = {
  SAM: sam,
  CDK: { ...readCdk(cutover({ sessionHandover: ['app'] })), ...readCdk(legacyPool()) },
  Terraform: await readTerraform(),
};

for (const [tool, functions] of Object.entries(readers)) {
  describe(`${tool}: the same as in the other two`, () => {
    it('has the functions of permissions.json', () => {
      assert.deepEqual(Object.keys(functions).sort(), Object.keys(PERMISSIONS).sort());
    });
    for (const [name, { statements, actions, environment, invokedBy, alarms, patterns }] of Object.entries(functions)) {
      it(`allows ${name} the same actions, on the same resources`, () => {
        assert.deepEqual(actions ?? byKind(statements), PERMISSIONS[name]);
      });
      it(`gives ${name} the same environment`, () => {
        assert.deepEqual(environment, sam[name].environment);
        assert.ok(environment.includes('LEGACY_USER_POOL_ID'));
      });
      it(`lets the same pool invoke ${name}`, () => {
        const pool = name.startsWith('legacy-') ? 'legacyPool' : 'newPool';
        assert.deepEqual([...new Set(invokedBy)], [`cognito-idp.amazonaws.com ${pool}`]);
      });
      it(`watches ${name} with the same alarms`, () => {
        assert.deepEqual([...alarms].sort(), [...alarmsOf(name)].sort());
        assert.deepEqual(patterns, sam[name].patterns);
        assert.equal(patterns.length, REFUSING.includes(name) ? 2 : 0);
      });
    }
  });
}

describe('the functions', () => {
  /** Read only where an emulator is used. */
  const OPTIONAL = ['LEGACY_ISSUER'];
  const SHARED = { './settings.mjs': ['LEGACY_USER_POOL_ID'], './store.mjs': ['MAPPING_TABLE'] };
  const textOf = (name) => readFileSync(new URL(`../../triggers/${name}.mjs`, import.meta.url), 'utf8');
  const present = Object.keys(PERMISSIONS).filter((name) =>
    existsSync(new URL(`../../triggers/${name}.mjs`, import.meta.url)),
  );

  it('are in examples/triggers', () => {
    assert.ok(present.length >= 5);
  });
  for (const name of present) {
    it(`${name} is given all that it reads from the environment`, () => {
      const text = textOf(name);
      const own = /const \{([^}]+)\}\s*=\s*process\.env/.exec(text)?.[1].match(/[A-Z][A-Z_]+/g) ?? [];
      const shared = Object.entries(SHARED).flatMap(([file, names]) => (text.includes(`'${file}'`) ? names : []));
      const needed = [...own, ...shared].filter((variable) => !OPTIONAL.includes(variable));
      assert.deepEqual(
        needed.filter((variable) => !sam[name].environment.includes(variable)),
        [],
      );
    });
  }
});
