/** How much of something random or large a test tries: `short` in `npm test`, `long` in `npm run test:long`. */
export const amount = (short: number, long: number): number => (process.env['TEST_LONG'] === 'true' ? long : short);
