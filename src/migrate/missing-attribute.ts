import { MAX_CUSTOM_VALUE_LENGTH } from '../directory/user-types.js';
import { MigrationError } from './migration-error.js';

/** Names the command that adds the attribute: with all the room there is, because a limit can never be raised. */
export function missingAttribute(userPoolId: string, attribute: string): MigrationError {
  const definition = `Name=${attribute.replace(/^custom:/, '')},AttributeDataType=String,Mutable=true,StringAttributeConstraints='{MinLength=1,MaxLength=${MAX_CUSTOM_VALUE_LENGTH}}'`;
  return new MigrationError('ERR_ATTRIBUTE', `pool ${userPoolId} has no attribute ${attribute}`, {
    fix: `Add it: aws cognito-idp add-custom-attributes --user-pool-id ${userPoolId} --custom-attributes ${definition}`,
  });
}
