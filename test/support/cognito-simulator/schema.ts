import type { SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, invalidRequest } from './errors.js';

const MAX_VALUE_LENGTH = 2048;
const STRINGS = [
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'email',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'phone_number',
  'address',
  'identities',
];

function attribute(name: string, type: SchemaAttributeType['AttributeDataType']): SchemaAttributeType {
  return {
    Name: name,
    AttributeDataType: type,
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    ...(type === 'String' ? { StringAttributeConstraints: { MinLength: '0', MaxLength: '2048' } } : {}),
    ...(type === 'Number' ? { NumberAttributeConstraints: { MinValue: '0' } } : {}),
  };
}

/** A custom attribute as DescribeUserPool shows it: a mutable string unless said otherwise. */
export function customAttribute(given: string | SchemaAttributeType): SchemaAttributeType {
  const { Name = '', ...rest } = typeof given === 'string' ? { Name: given } : given;
  return {
    ...attribute(Name.startsWith('custom:') ? Name : `custom:${Name}`, 'String'),
    StringAttributeConstraints: {},
    ...rest,
  };
}

/** The attributes of a pool: the standard ones and its own. */
export function schemaWith(custom: readonly (string | SchemaAttributeType)[]): SchemaAttributeType[] {
  return [
    { ...attribute('sub', 'String'), Mutable: false, Required: true },
    ...STRINGS.map((name) => attribute(name, 'String')),
    attribute('email_verified', 'Boolean'),
    attribute('phone_number_verified', 'Boolean'),
    attribute('updated_at', 'Number'),
    ...custom.map(customAttribute),
  ];
}

/** Refuses what the service would not store. `creating`: immutable attributes may be given then. */
export function checkAttributes(
  schema: readonly SchemaAttributeType[],
  attributes: Readonly<Record<string, string>>,
  creating: boolean,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    const definition = schema.find((one) => one.Name === name);
    if (name === 'sub' || name === 'identities') {
      throw invalidParameter(`Cannot modify the non-mutable attribute ${name}`);
    }
    if (definition === undefined) {
      const bare = name.replace(/^custom:/, '');
      throw invalidParameter(
        `Attributes did not conform to the schema: ${bare}: Attribute does not exist in the schema.\n`,
      );
    }
    if (definition.Mutable === false && !creating)
      throw invalidParameter(`user.${name}: Attribute cannot be updated.\n`);
    if (value.length > MAX_VALUE_LENGTH) throw invalidRequest('userAttributes.1.member.value', 'have length <= 2048');
    const longest = Number(definition.StringAttributeConstraints?.MaxLength ?? MAX_VALUE_LENGTH);
    if (value.length > longest) {
      throw invalidParameter(
        `Attributes did not conform to the schema: ${name}: String must be no longer than ${longest}`,
      );
    }
    if (definition.AttributeDataType === 'Boolean' && value !== '' && value !== 'true' && value !== 'false') {
      throw invalidParameter(`Attributes did not conform to the schema: ${name}: Invalid boolean`);
    }
  }
}
