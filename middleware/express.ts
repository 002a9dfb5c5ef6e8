import type { CutoverIdentity } from '../src/verify/types.js';

export * from './plain.js';

declare global {
  namespace Express {
    interface Request {
      /**
       * Whose token the request carries, once `cutoverAuth` has accepted it. Absent on requests without credentials where
       * `credentialsRequired` is false, and in `observe` mode where the token was not accepted. `getAuth(req)` answers it or
       * throws. Another library declares `req.auth` too? Import from `cognito-cutover/express/plain`.
       */
      auth?: CutoverIdentity;
    }
  }
}
