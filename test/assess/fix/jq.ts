import { execFileSync } from 'node:child_process';

/** Whether the fixes can be run: where jq is absent, their tests say that they skip. */
export const jqThere = (() => {
  try {
    execFileSync('sh', ['-c', 'command -v jq']);
    return true;
  } catch {
    return false;
  }
})();
if (!jqThere) console.warn('No jq here: the fixes are not run.');

/** What a program makes of a document. */
export const jq = (program: string, document: object): object =>
  JSON.parse(execFileSync('sh', ['-c', 'jq "$0"', program], { input: JSON.stringify(document) }).toString());
