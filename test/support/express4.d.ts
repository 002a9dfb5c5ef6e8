/** The npm package `express4` is Express 4 under another name; what our tests use of it is typed as in Express 5. */
declare module 'express4' {
  import express from 'express';
  export default express;
}
