import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../src/clock.js';
import type { DrainContent, DrainStore } from '../../../src/operate/drain/drain-types.js';
import { createDynamoDbDrainStore } from '../../../src/operate/drain/stores/dynamodb-drain-store.js';

type Item = Readonly<Record<string, AttributeValue>>;

interface Asked {
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ExpressionAttributeValues?: Item;
}

/** A store over these items, as they are: some may be of any type. */
export function drainTable(
  items: readonly unknown[],
  clock: Clock,
  onPut: (item: Item) => void = () => {},
): DrainStore {
  const held = items as readonly (Item | null)[];
  const send = async (command: { readonly input: Asked }) => {
    const { input } = command;
    const { name } = command.constructor;
    if (name === 'PutItemCommand') onPut(input.Item as Item);
    const { pk, sk } = input.Key ?? {};
    if (name === 'GetItemCommand') {
      return { Item: held.find((item) => item?.['pk']?.S === pk?.S && item?.['sk']?.S === sk?.S) };
    }
    const asked = input.ExpressionAttributeValues?.[':pk']?.S;
    return { Items: held.filter((item) => item?.['pk']?.S === asked) };
  };
  const client = Object.assign(new DynamoDBClient({ region: 'eu-west-1' }), { send });
  return createDynamoDbDrainStore({ tableName: 't', client: client as never, clock });
}

/** The items that instances write. */
export async function drainItems({ instances, records, since }: DrainContent, clock: Clock): Promise<readonly Item[]> {
  const items = new Map<string, Item>();
  const put = (item: Item) => void items.set(`${item['pk']?.S} ${item['sk']?.S}`, item);
  const store = drainTable([], clock, put);
  for (const instance of instances) {
    await store.write(
      instance,
      records.filter((record) => record.run === instance.run),
    );
  }
  put({ pk: { S: 'drain' }, sk: { S: 'since' }, since: { N: `${since}` } });
  return [...items.values()];
}
