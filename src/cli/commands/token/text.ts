import { counted } from '../../../words.js';
import { formatTable, visible } from '../../terminal/format.js';
import type { Colours } from '../../terminal/terminal.js';
import { at, type Explanation, type Judged } from './result.js';
import type { TokenFacts } from './token-facts.js';
import type { Rule } from './trial.js';

const NAMES: Readonly<Record<Rule, string>> = {
  form: 'form',
  algorithm: 'algorithm',
  issuer: 'issuer',
  acceptUntil: 'pool is open',
  key: 'key',
  signature: 'signature',
  claims: 'claims',
  time: 'time',
  tokenUse: 'token use',
  client: 'app client',
  audience: 'audience',
  acceptSignInsBefore: 'sign-in',
  legacyId: 'legacy id',
};
const RESULTS: Readonly<Record<Judged['result'], string>> = { passed: 'ok', failed: 'NO', 'not-reached': '–' };

interface Shown {
  readonly facts: TokenFacts;
  readonly now: number;
  readonly colours: Colours;
}

/** The explanation for people: a line for each rule, and for what the token says. */
export function tokenLines(explanation: Explanation, shown: Shown): string[] {
  const { colours } = shown;
  const isVerified = explanation.rules.some(({ rule, result }) => rule === 'signature' && result === 'passed');
  const paint = { passed: colours.green, failed: colours.red, 'not-reached': colours.dim };
  const rules = explanation.rules.map(
    ({ rule, result, detail }) => `  ${paint[result](RESULTS[result].padEnd(2))}  ${NAMES[rule].padEnd(12)}  ${detail}`,
  );
  const rows = factRows(shown);
  return [
    heading(explanation, colours),
    ...rules,
    ...(rows.length === 0 ? [] : ['', `The token says${isVerified ? '' : ', unverified'}:`]),
    ...formatTable(rows),
    ...(explanation.help === undefined ? [] : ['', 'What it means, and what to check:', `  ${explanation.help}`]),
  ];
}

function heading({ verdict, code, rules, userId }: Explanation, { bold, green, red }: Colours): string {
  if (verdict === 'accepted') return bold(green(`Accepted as user ${visible(userId ?? '')}`));
  const more = rules.filter(({ result }) => result === 'failed').length - 1;
  return bold(red(`Refused: ${code}${more === 0 ? '' : `, and ${counted(more, 'more rule')} would refuse it`}`));
}

/** What of the token may be shown, where it is there. */
function factRows({ facts, now }: Shown): [string, string][] {
  const { tokenUse, issuer, userPoolId, region, signedInAt } = facts;
  const rows: [string, string | undefined][] = [
    ['token use', tokenUse],
    ['issuer', issuer],
    ['user pool', userPoolId === undefined ? undefined : `${userPoolId} in Region ${region}`],
    ['app client', facts.clientId],
    ['sub', facts.sub],
    ['issued', facts.issuedAt === undefined ? undefined : at(facts.issuedAt, now)],
    ['signed in', signedInAt === undefined ? undefined : at(signedInAt, now)],
    ['valid from', facts.notBefore === undefined ? undefined : at(facts.notBefore, now)],
    ['expires', facts.expiresAt === undefined ? undefined : at(facts.expiresAt, now)],
    ['audience', facts.audience.join(', ')],
    ['scopes', facts.scopes.join(' ')],
    ['groups', facts.groups.join(', ')],
    ['algorithm', facts.algorithm],
    ['key id', facts.keyId],
    ['claims', facts.claims.join(', ')],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, visible(value)]]));
}
