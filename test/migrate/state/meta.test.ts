import { expect, it } from 'vitest';
import { state } from '../support/workspace.js';

it('keeps values by name, the last one each, until they are deleted', () => {
  const { meta } = state();
  expect(meta.get('plan')).toBeUndefined();
  meta.set('plan', 1);
  meta.set('plan', 2);
  meta.set('control', { rps: null, paused: true });
  expect(meta.get('plan')).toBe(2);
  expect(meta.get('control')).toEqual({ rps: null, paused: true });
  meta.delete('plan', 'control', 'attribute');
  expect([meta.get('plan'), meta.get('control')]).toEqual([undefined, undefined]);
});

it('keeps a warning once, in the order they came, the draft’s apart from the plan’s', () => {
  const { meta } = state();
  for (const message of ['b', 'a', 'b']) meta.addWarning(message);
  meta.addWarning('c', 'draftWarnings');
  expect(meta.get('warnings')).toEqual(['b', 'a']);
  expect(meta.get('draftWarnings')).toEqual(['c']);
});

it('says that the state is damaged where a value is not JSON', () => {
  const { db, meta } = state();
  db.run("INSERT INTO meta (key, value) VALUES ('result', '{')");
  expect(() => meta.get('result')).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
});

it.each([
  ['result', '{"outcomfs":{}}'],
  ['result', '{"outcomes":{"set":"1"}}'],
  ['draft', '[]'],
  ['holders', '7'],
  ['holders', '{"main":null}'],
  ['holders', '{"main":{"host":"h","pid":"1","started":null,"inode":1}}'],
  ['waiting', '{"main":{"reason":"paused","since":1e300}}'],
  ['control', '{"rps":null,"paused":"false"}'],
  ['control', '{"rps":-1,"paused":false}'],
  ['mostRps', '"1000"'],
  ['plan', '"1"'],
] as const)('says that the state is damaged where %s is %s', (key, text) => {
  const { db, meta } = state();
  db.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    text,
  );
  expect(() => meta.get(key)).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
});
