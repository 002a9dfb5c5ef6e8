import { expect, it } from 'vitest';
import { poolIdAdvice } from '../../../src/verify/explain/pool-mistakes.js';

const EMULATOR = 'emulator';

it.each<[string, string]>([
  ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab12Cd34e', 'ARN'],
  ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34e', 'address'],
  ['http://localhost:9229/local_1', 'address'],
  ['eu-west-1_Ab12Cd34e ', 'white space'],
  ['not an arn: a text', 'white space'],
  ['eu-west-1:6b2f6b1e-0000-4000-8000-000000000000', 'identity pool'],
  ['an-arn:aws', 'identity pool'],
  ['x-https://example.com', 'identity pool'],
  ['1h57kf5cpq17m0eml12EXAMPLE'.toLowerCase(), 'app client'],
  ['1h57kf5cpq17m0eml12exampleX', 'in front'],
  ['X1h57kf5cpq17m0eml12example', 'in front'],
  ['_1h57kf5cpq17m0eml12example', 'in front'],
  ['eu-west-1-Ab12Cd34e', 'underscore'],
  ['us-gov-west-1-Ab12Cd34e', 'underscore'],
  ['eu-west-1-a', 'underscore'],
  ['EU-WEST-1_Ab12Cd34e', 'lower case'],
  ['US-GOV-WEST-1_a', 'lower case'],
  ['Ab12Cd34e', 'in front'],
  ['_Ab12Cd34e', 'in front'],
  ['a', 'in front'],
  // None of these is certain.
  ['local_1', EMULATOR],
  ['__a', EMULATOR],
  ['_Ab12-', EMULATOR],
  ['-Ab12', EMULATOR],
  ['eu-west-1-Ab12Cd34e!', EMULATOR],
  ['!eu-west-1-Ab12Cd34e', EMULATOR],
  ['eu-west-x-Ab12Cd34e', EMULATOR],
  ['eu--1-Ab12Cd34e', EMULATOR],
  ['-west-1-Ab12Cd34e', EMULATOR],
  ['eu-1-Ab12Cd34e', EMULATOR],
  ['EU-WEST-X_Ab12Cd34e', EMULATOR],
  ['xEU-WEST-1_Ab12Cd34e', EMULATOR],
  ['EU--1_a', EMULATOR],
])('%j as the id of a user pool: %s', (value, about) => {
  expect(poolIdAdvice(value)).toContain(about);
});
