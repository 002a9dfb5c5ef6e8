import { expect, it } from 'vitest';
import * as api from '../src/index.js';

it('the package exports these functions and errors, and nothing else', () => {
  expect(Object.keys(api).sort()).toEqual([
    'ConfigurationError',
    'CutoverError',
    'bearerToken',
    'cached',
    'chain',
    'checkReadiness',
    'createCutoverVerifier',
    'createFilePhaseStore',
    'createPhases',
    'guarded',
    'openFileStore',
    'refusalHeaders',
    'storeResolver',
  ]);
});
