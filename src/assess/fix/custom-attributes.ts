import type { SchemaAttribute } from '../snapshot/pool-snapshot.js';
import { awsCall, type PoolAddress } from './calls.js';

/** The most attributes that one call of AddCustomAttributes accepts. */
const ATTRIBUTES_PER_CALL = 25;

/** The calls of AddCustomAttributes that add these attributes. */
export function addCustomAttributes(pool: PoolAddress, attributes: readonly SchemaAttribute[]): string {
  const calls: string[] = [];
  for (let from = 0; from < attributes.length; from += ATTRIBUTES_PER_CALL) {
    const added = attributes.slice(from, from + ATTRIBUTES_PER_CALL).map(toInput);
    calls.push(awsCall(pool, 'add-custom-attributes', { 'custom-attributes': JSON.stringify(added) }));
  }
  return calls.join('\n');
}

function toInput({ name, type, mutable, minimum, maximum }: SchemaAttribute): object {
  const kind = type === 'String' ? 'Length' : 'Value';
  const limits = {
    ...(minimum === null ? {} : { [`Min${kind}`]: `${minimum}` }),
    ...(maximum === null ? {} : { [`Max${kind}`]: `${maximum}` }),
  };
  const limited = (type === 'String' || type === 'Number') && Object.keys(limits).length > 0;
  return {
    Name: name.replace(/^custom:/, ''),
    AttributeDataType: type,
    Mutable: mutable,
    ...(limited ? { [`${type}AttributeConstraints`]: limits } : {}),
  };
}
