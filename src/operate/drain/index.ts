export type * from './drain-types.js';
