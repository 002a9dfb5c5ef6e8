import { execFileSync } from 'node:child_process';

/** What a program makes of a document. */
export const jq = (program: string, document: object): object =>
  JSON.parse(execFileSync('sh', ['-c', 'jq "$0"', program], { input: JSON.stringify(document) }).toString());
