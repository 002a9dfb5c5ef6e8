import { DynamoDBClient, type GetItemCommand, type PutItemCommand } from '@aws-sdk/client-dynamodb';
import { checkString, refuse } from './options.js';

/** How a table is reached. */
export interface DynamoDbConnectionOptions {
  /** @defaultValue what the SDK finds: environment, profile, instance */
  readonly region?: string;
  /** Address of an emulator or a VPC endpoint. Default: AWS's own. */
  readonly endpoint?: string;
  /** A client of your own, with its credentials and limits; then neither `region` nor `endpoint` may be given. */
  readonly client?: DynamoDBClient;
}

/** A client, and what closes it: a client from the options stays open. */
export function openDynamoDbClient({ region, endpoint, client }: DynamoDbConnectionOptions): {
  readonly client: DynamoDBClient;
  readonly close: () => void;
} {
  if (client !== undefined) {
    if (region !== undefined) refuse('region', 'nothing beside a client', region);
    if (endpoint !== undefined) refuse('endpoint', 'nothing beside a client', endpoint);
    return { client, close: () => {} };
  }
  const own = new DynamoDBClient({
    ...(region === undefined ? {} : { region: checkString('region', region) }),
    ...(endpoint === undefined ? {} : { endpoint: checkString('endpoint', endpoint) }),
    // A request may wait for it: give up soon, and let the caller count the failure.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
  });
  return { client: own, close: () => own.destroy() };
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * The command, which fails where nothing was answered. DynamoDB answers `{}` where there is no item, and where one was written. The SDK
 * reads an empty body, for example that of a proxy, in the same way.
 */
export function needingAnswer<Command extends GetItemCommand | PutItemCommand>(command: Command): Command {
  (command as GetItemCommand).middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { statusCode = 200, headers } = (result.response ?? {}) as Partial<HttpAnswer>;
      if (statusCode !== 200 || headers?.['content-length'] === '0') {
        throw new Error(`the answer is empty (HTTP ${statusCode}), which DynamoDB never answers`);
      }
      return result;
    },
    { step: 'deserialize', priority: 'high' },
  );
  return command;
}
