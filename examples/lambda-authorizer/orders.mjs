// A function behind the authorizer. Its tables know people by the legacy id, and go on doing so.
const ORDERS = new Map();

export const handler = async ({ requestContext: { authorizer } }) => {
  // An HTTP API puts the context of a Lambda authorizer one level deeper than a REST API.
  const { userId, kind, pool } = authorizer.lambda ?? authorizer;
  // A machine's userId is its app client, which no table of people knows.
  if (kind !== 'user') return { statusCode: 403, body: JSON.stringify({ message: 'For people only.' }) };
  const orders = ORDERS.get(userId) ?? [];
  return { statusCode: 200, body: JSON.stringify({ userId, pool, orders }) };
};
