// A function behind the authorizer. Its tables know people by the legacy id, and go on doing so.
const ORDERS = new Map();

export const handler = async ({ requestContext: { authorizer } }) => {
  // An HTTP API puts the context of a Lambda authorizer one level deeper than a REST API.
  const { userId, pool } = authorizer.lambda ?? authorizer;
  const orders = ORDERS.get(userId) ?? [];
  return { statusCode: 200, body: JSON.stringify({ userId, pool, orders }) };
};
