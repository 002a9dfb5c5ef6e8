/** What people pass in place of the id of a user pool, and what to do about it. The first that fits. */
const POOL_ID_MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/^arn:/, 'This is an ARN: pass only what follows "userpool/".'],
  [/^https?:/, 'This is an address: pass only the id in it.'],
  [/\s/, 'Remove the white space.'],
  [/:/, 'This is the id of an identity pool: a user pool is needed.'],
  [/^[a-z\d]{26}$/, 'This looks like the id of an app client: those belong in clientIds.'],
  [/^[a-z]+(?:-[a-z]+)+-\d-[a-zA-Z\d]+$/, 'The Region is followed by an underscore.'],
  [/^[A-Z]+(?:-[A-Z]+)+-\d_/, 'The Region is written in lower case.'],
  [/^_?[a-zA-Z\d]+$/, 'The Region in front is missing.'],
];

/** What to do about a `userPoolId` that is not one of AWS's. */
export function poolIdAdvice(value: string): string {
  const mistake = POOL_ID_MISTAKES.find(([pattern]) => pattern.test(value))?.[1];
  return mistake ?? "The id of an emulator's pool needs issuers.";
}

/** What belongs to one pool only, and why it cannot be in another one too. */
export const IN_ONE_POOL = {
  'user pool': 'Users move from one pool to another, so the ids differ.',
  issuer: 'It would be unknown which of the two issued a token.',
  'app client': 'An app client belongs to one user pool: list each in its own pool only.',
} as const;
