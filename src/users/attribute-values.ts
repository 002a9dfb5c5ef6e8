export const ATTRIBUTE_TYPES = ['String', 'Number', 'DateTime', 'Boolean'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** What a pool's schema says about the values of an attribute. */
export interface AttributeLimits {
  /** With `custom:` where it is one. */
  readonly name: string;
  /** @defaultValue `'String'` */
  readonly type?: AttributeType | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minValue?: number | undefined;
  readonly maxValue?: number | undefined;
}

/** Why a value does not fit: its form, its length, or its number. */
export type Misfit = 'form' | 'length' | 'range';

/**
 * Whether Cognito stores `value` in this attribute. A single value that it rejects fails the whole user: a sign-in with the
 * migration trigger, a line of an import. So only what AWS documents as valid counts as valid.
 *
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html
 */
export const fits = (value: string, attribute: AttributeLimits): boolean => misfitOf(value, attribute) === undefined;

/** As {@link fits}, with the reason; `undefined` where the value fits. */
export function misfitOf(value: string, attribute: AttributeLimits): Misfit | undefined {
  switch (attribute.type ?? 'String') {
    case 'String':
      return stringMisfit(value, attribute);
    case 'Number':
      return numberMisfit(value, attribute);
    case 'DateTime':
      return DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)) ? undefined : 'form';
    case 'Boolean':
      return value === 'true' || value === 'false' ? undefined : 'form';
  }
}

/** ISO 8601 with an offset. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const NUMBER = /^-?\d+(\.\d+)?$/;
/** Standard attributes whose form Cognito checks beside their length. A phone number is in E.164. */
const FORMS: Readonly<Record<string, RegExp>> = { phone_number: /^\+[1-9]\d{1,14}$/, email: /^[^\s@]+@[^\s@]+$/ };

/** AWS does not say what counts as a character, so each limit is checked with the stricter count. */
function stringMisfit(
  value: string,
  { name, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: AttributeLimits,
): Misfit | undefined {
  if (FORMS[name]?.test(value) === false) return 'form';
  return [...value].length >= minLength && value.length <= maxLength ? undefined : 'length';
}

function numberMisfit(
  value: string,
  { minValue = Number.NEGATIVE_INFINITY, maxValue = Number.POSITIVE_INFINITY }: AttributeLimits,
): Misfit | undefined {
  const number = Number(value);
  return NUMBER.test(value) && Number.isFinite(number) && number >= minValue && number <= maxValue
    ? undefined
    : 'range';
}
