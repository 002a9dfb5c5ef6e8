// Prints how many tests of a Vitest JSON report passed and failed; what failed, and why, goes to stderr.
import { readFileSync } from 'node:fs';

const [, , name, path] = process.argv;
const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(path, 'utf8'));

for (const file of testResults) {
  const unfinished = file.assertionResults.filter((test) => test.status === 'pending');
  if (unfinished.length > 0) tell(file.name, `${unfinished.length} tests did not finish: did its process crash?`);
  if (file.status !== 'failed') continue;
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) tell(file.name, file.message);
  for (const test of failed) tell(`${file.name}: ${test.fullName}`, test.failureMessages.join('\n'));
}
console.log(numPassedTests, numFailedTests || numFailedTestSuites);

function tell(what, why) {
  console.error(`FAILED: ${name}: ${what}\n${why.slice(0, 2000)}\n`);
}
