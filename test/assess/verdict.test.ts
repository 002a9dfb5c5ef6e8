import { expect, it } from 'vitest';
import type { Assessment } from '../../src/assess/assess.js';
import type { Finding, Severity } from '../../src/assess/finding.js';
import { assessmentFails } from '../../src/assess/verdict.js';

const found = (...severities: Severity[]) => severities.map((severity) => ({ severity }) as Finding);
const unread = (reason: 'denied' | 'unsupported') =>
  [{ id: 'x', missing: [{ permission: 'p', userPoolId: 'u', reason }] }] as unknown as Assessment['notDetermined'];

it.each([
  [found('info', 'warning'), undefined, [], false],
  [found('info', 'blocker'), undefined, [], true],
  [found('warning'), 'warning', [], true],
  [found('blocker'), 'warning', [], true],
  [found('info'), 'warning', [], false],
  [[], 'blocker', unread('denied'), true],
  [[], 'warning', unread('unsupported'), false],
] as const)('findings %j, fail on %s, not determined %j: fails %s', (findings, failOn, notDetermined, fails) => {
  expect(assessmentFails({ findings, notDetermined }, failOn)).toBe(fails);
});
