import { expect, it } from 'vitest';
import { missingAttribute } from '../../src/migrate/missing-attribute.js';

it('names the command that adds the attribute, mutable and with all the room there is', () => {
  expect(missingAttribute('eu-west-1_New', 'custom:legacy_sub')).toMatchObject({
    code: 'ERR_ATTRIBUTE',
    message: 'pool eu-west-1_New has no attribute custom:legacy_sub',
    fix: "Add it: aws cognito-idp add-custom-attributes --user-pool-id eu-west-1_New --custom-attributes Name=legacy_sub,AttributeDataType=String,Mutable=true,StringAttributeConstraints='{MinLength=1,MaxLength=2048}'",
  });
});
