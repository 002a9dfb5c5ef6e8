import type { PoolAttribute } from '../../directory/trigger-pools.js';

/**
 * Whether Cognito stores `value` in this attribute. One value that it does not store fails the whole migration, and the app
 * hears of a wrong password; so what AWS does not document as good is not good.
 *
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html
 */
export function fits(value: string, attribute: PoolAttribute): boolean {
  switch (attribute.type ?? 'String') {
    case 'String':
      return fitsString(value, attribute);
    case 'Number':
      return fitsNumber(value, attribute);
    case 'DateTime':
      return DATE_TIME.test(value) && !Number.isNaN(Date.parse(value));
    case 'Boolean':
      return value === 'true' || value === 'false';
  }
}

/** ISO 8601 with an offset. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const NUMBER = /^-?\d+(\.\d+)?$/;
/** The form of standard attributes that Cognito looks at beyond their length. */
const FORMS: Readonly<Record<string, RegExp>> = { phone_number: /^\+\d+$/, email: /^[^\s@]+@[^\s@]+$/ };

/** Counted in the stricter way on either side, as AWS does not say what a character is. */
function fitsString(
  value: string,
  { name, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: PoolAttribute,
): boolean {
  if (FORMS[name]?.test(value) === false) return false;
  return [...value].length >= minLength && value.length <= maxLength;
}

function fitsNumber(
  value: string,
  { minValue = Number.NEGATIVE_INFINITY, maxValue = Number.POSITIVE_INFINITY }: PoolAttribute,
): boolean {
  const number = Number(value);
  return NUMBER.test(value) && Number.isFinite(number) && number >= minValue && number <= maxValue;
}
