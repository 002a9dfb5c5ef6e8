// One Express application with the middleware named on the command line. Started by express.ts, which sends the pools and
// receives the port. Every middleware gets its keys in advance if it can, and sets `req.auth`.
import { once } from 'node:events';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { cutoverAuth } from 'cognito-cutover/express';
import express from 'express';
import { expressjwt } from 'express-jwt';
import { auth as oauth2Bearer } from 'express-oauth2-jwt-bearer';
import { createDecoder, createVerifier } from 'fast-jwt';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import jwksRsa from 'jwks-rsa';

const [pools] = await once(process, 'message');
const clientIds = pools.map(({ clientId }) => clientId);
const issuers = pools.map(({ issuer }) => issuer);
const byIssuer = (make) => new Map(pools.map((pool) => [pool.issuer, make(pool)]));

const bearer = (req) => {
  const header = req.headers.authorization;
  if (!header?.startsWith('Bearer ')) throw new Error('no token');
  return header.slice(7);
};

/** A middleware around a function from token to claims, which may return a promise. */
const byHand = (verify) => (req, _res, next) => {
  try {
    const claims = verify(bearer(req));
    if (!(claims instanceof Promise)) {
      req.auth = claims;
      return next();
    }
    claims.then((found) => {
      req.auth = found;
      next();
    }, next);
  } catch (error) {
    next(error);
  }
};

const ours = (cache) => {
  const [legacyPool, newPool] = pools.map(({ options }) => options);
  return cutoverAuth({ legacyPool, newPool, tokenUse: 'id', cache });
};

const fastJwt = (cache) => {
  const decode = createDecoder({ complete: true });
  const verifiers = byIssuer(
    ({ issuer, clientId, pems }) =>
      new Map(
        Object.entries(pems).map(([kid, key]) => [
          kid,
          createVerifier({ key, algorithms: ['RS256'], allowedIss: issuer, allowedAud: clientId, cache }),
        ]),
      ),
  );
  return (token) => {
    const { header, payload } = decode(token);
    return verifiers.get(payload.iss).get(header.kid)(token);
  };
};

const middlewares = {
  none: () => (_req, _res, next) => next(),
  constant: () => {
    const identity = Object.freeze({ userId: 'a constant' });
    return (req, _res, next) => {
      req.auth = identity;
      next();
    };
  },
  'ours-hot': () => ours({ maxTokens: 10_000 }),
  // Every token has been evicted before it comes again, so that misses and evictions are measured.
  'ours-cold': () => ours({ maxTokens: 100 }),
  'ours-uncached': () => ours(false),
  'aws-jwt-verify': () => {
    const verifier = CognitoJwtVerifier.create(
      pools.map(({ userPoolId, clientId }) => ({ userPoolId, clientId, tokenUse: 'id' })),
    );
    for (const { userPoolId, jwks } of pools) verifier.cacheJwks(jwks, userPoolId);
    return byHand((token) => verifier.verifySync(token));
  },
  jose: () => {
    const keys = byIssuer(({ jwks }) => createLocalJWKSet(jwks));
    return byHand(async (token) => {
      const { iss } = decodeJwt(token);
      const options = { issuer: issuers, audience: clientIds, algorithms: ['RS256'] };
      return (await jwtVerify(token, keys.get(iss), options)).payload;
    });
  },
  'fast-jwt': () => byHand(fastJwt(false)),
  'fast-jwt-cache': () => byHand(fastJwt(10_000)),
  'express-oauth2-jwt-bearer': () =>
    oauth2Bearer({
      mcd: { issuers: pools.map(({ issuer, jwksUri }) => ({ issuer, jwksUri, alg: 'RS256' })) },
      audience: clientIds,
    }),
  'express-jwt': () => {
    const secrets = byIssuer(({ jwksUri }) => jwksRsa.expressJwtSecret({ jwksUri, cache: true, rateLimit: false }));
    return expressjwt({
      secret: (req, token) => secrets.get(token.payload.iss)(req, token),
      issuer: issuers,
      audience: clientIds,
      algorithms: ['RS256'],
    });
  },
};

const app = express();
app.use(middlewares[process.argv[2]]());
app.get('/orders', (_req, res) => {
  res.json({ ok: true });
});
const server = app.listen(0, '127.0.0.1');
// Connections wait while the others have their turn.
server.keepAliveTimeout = 0;
await once(server, 'listening');
process.on('message', () => process.send({ ...process.cpuUsage(), rss: process.memoryUsage.rss() }));
process.once('disconnect', () => process.exit());
process.send({ port: server.address().port });
