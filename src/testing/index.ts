export type { OutageMode } from './jwks-server.js';
export type { PersonOptions, TestPerson, TestUser } from './person.js';
export type { RawTokenPart, TestPool } from './pool.js';
export { createTestPools, type TestPools, type TestPoolsOptions } from './test-pools.js';
export type { AccessTokenInput, IdTokenInput, MachineTokenInput } from './token-claims.js';
