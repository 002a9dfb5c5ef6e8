// A function behind the authorizer. Its tables identify users by the legacy id.
const ORDERS = new Map();

export const handler = async ({ requestContext: { authorizer } }) => {
  // An HTTP API puts the context of a Lambda authorizer one level deeper than a REST API.
  const { userId, kind, pool } = authorizer.lambda ?? authorizer;
  // The userId of a machine is its app client, which is not in the tables of users.
  if (kind !== 'user') return { statusCode: 403, body: JSON.stringify({ message: 'For people only.' }) };
  const orders = ORDERS.get(userId) ?? [];
  return { statusCode: 200, body: JSON.stringify({ userId, pool, orders }) };
};
