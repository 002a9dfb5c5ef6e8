import { expect, inject, it } from 'vitest';
import { docProgram } from '../support/doc-program.js';
import { complaintsOf } from './packed.js';

/** Only modules have it. Bundlers and `async` functions stand in for it elsewhere. */
const AWAIT_AT_THE_TOP = /^.* error TS1309: .*\n/gm;

it.each(['module', 'commonjs'] as const)('the code of the docs compiles against the tarball, as %s', (type) => {
  const folder = inject('packedFolder') ?? '';
  const complaints = complaintsOf(folder, 'typescript', ...docProgram(folder, type).args);
  expect(type === 'module' ? complaints : complaints.replaceAll(AWAIT_AT_THE_TOP, '')).toBe('');
});
