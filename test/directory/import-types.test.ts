import { UserImportJobStatusType } from '@aws-sdk/client-cognito-identity-provider';
import { expect, it } from 'vitest';
import { ENDED, NEVER_STARTED, WORKING } from '../../src/directory/import-types.js';

it('every status of an import job that AWS knows means one thing', () => {
  const known = [...NEVER_STARTED, ...WORKING, ...ENDED];
  expect(known.toSorted()).toEqual(Object.values(UserImportJobStatusType).toSorted());
});

it.each([
  ['may run a file of its own, once it was uploaded', 'Created', NEVER_STARTED],
  ['will never run', 'Expired', NEVER_STARTED],
  ['keeps the pool from running another', 'Stopping', WORKING],
  ['is over, with users imported perhaps', 'Stopped', ENDED],
])('a job that %s is %s', (_what, status, statuses) => {
  expect(statuses).toContain(status);
});
