import { describe, expect, it } from 'vitest';
import { addCustomAttributes } from '../../../src/assess/fix/custom-attributes.js';
import { attribute } from '../pools.js';

const pool = { userPoolId: 'eu-west-1_New', region: 'eu-west-1' };

describe('a call of the AWS CLI', () => {
  it('adds attributes with the limits that fit their type', () => {
    const call = addCustomAttributes(pool, [
      attribute('custom:a', { minimum: null, maximum: 36 }),
      attribute('custom:b', { type: 'Number', minimum: -1, maximum: null }),
      attribute('custom:c', { type: 'Boolean', mutable: false, minimum: null, maximum: null }),
    ]);
    expect(JSON.parse(/'(.*)'/.exec(call)?.[1] ?? '')).toEqual([
      { Name: 'a', AttributeDataType: 'String', Mutable: true, StringAttributeConstraints: { MaxLength: '36' } },
      { Name: 'b', AttributeDataType: 'Number', Mutable: true, NumberAttributeConstraints: { MinValue: '-1' } },
      { Name: 'c', AttributeDataType: 'Boolean', Mutable: false },
    ]);
  });

  it('adds as many attributes at a time as a call takes', () => {
    const many = Array.from({ length: 60 }, (_, at) => attribute(`custom:a${at}`));
    const calls = addCustomAttributes(pool, many).split('\n');
    expect(calls.map((call) => call.split('"Name"').length - 1)).toEqual([25, 25, 10]);
  });
});
