import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TriggerError, type TriggerErrorCode } from '../../src/triggers/trigger-error.js';
import { templateOf } from './sam-template.js';

const TRIGGER_ERRORS = fileURLToPath(new URL('../../src/triggers/trigger-error.ts', import.meta.url));
const template = templateOf('template.yaml');
const legacy = templateOf('legacy-pool.yaml');
const alarms = templateOf('alarms.yaml');

describe('the alarms', () => {
  /** Whether CloudWatch Logs counts a line: all plain terms, none with a minus; of optional terms, any. */
  const counts = (pattern: string, line: string) => {
    const terms = [...pattern.matchAll(/([?-]?)"([^"]+)"/g)].map(([, sign = '', term = '']) => ({ sign, term }));
    const optional = terms.filter(({ sign }) => sign === '?');
    if (optional.length > 0) return optional.some(({ term }) => line.includes(term));
    return terms.every(({ sign, term }) => line.includes(term) !== (sign === '-'));
  };
  const patternOf = (name: string) => alarms.Resources[name]?.Properties['FilterPattern'] as string;

  it.each([
    ['template.yaml', template],
    ['legacy-pool.yaml', legacy],
  ])('watch every function of %s, which logs to a group with an end', (_file, { Resources }) => {
    const all = Object.entries(Resources);
    const functions = all.filter(([, { Type }]) => Type === 'AWS::Serverless::Function');
    expect(functions.length).toBeGreaterThan(0);
    for (const [name, { Properties, Condition }] of functions) {
      const base = name.replace('Function', '');
      expect(Properties['LoggingConfig']).toEqual({ LogGroup: { Ref: `${base}Log` } });
      expect(Resources[`${base}Log`]).toMatchObject({ Properties: { RetentionInDays: 30 } });
      const stack = Resources[`${base}Alarms`];
      expect(stack).toMatchObject({ Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'alarms.yaml' } });
      expect(stack?.Condition).toBe(Condition);
      expect(stack?.Properties['Parameters']).toEqual({
        FunctionName: { Ref: name },
        LogGroupName: { Ref: `${base}Log` },
        AlarmTopicArn: { Ref: 'AlarmTopicArn' },
        ...(['UserMigration', 'PreSignUp'].includes(name) ? { Refuses: 'true' } : {}),
      });
    }
  });

  /** All codes, as no type can list them here. Who lacks an attribute that the new pool requires is refused, but by mistake. */
  const CODES = [...readFileSync(TRIGGER_ERRORS, 'utf8').matchAll(/^ {2}(ERR_\w+): '(.+)',$/gm)].map(
    ([, code = '', message = '']) =>
      [code, /(?:was refused|is not allowed)\./.test(message) && code !== 'ERR_ATTRIBUTE_MISSING'] as const,
  );
  it.each(CODES)(
    'of a trigger that refuses by errors: %s is a refusal, which is not counted: %s',
    (code, isRefusal) => {
      const { name, message, ...rest } = new TriggerError(code as TriggerErrorCode, 'reason');
      const line = `2026-11-30T01:02:03.004Z\tid\tERROR\tInvoke Error\t${JSON.stringify({ errorType: name, errorMessage: message, ...rest })}`;
      expect(counts(patternOf('Failed'), line)).toBe(!isRefusal);
    },
  );

  it('were tried with refusals and with failures', () => {
    expect(CODES.filter(([, isRefusal]) => isRefusal).length).toBeGreaterThan(5);
    expect(CODES.filter(([, isRefusal]) => !isRefusal).length).toBeGreaterThan(5);
  });

  it.each([
    ['2026-11-30T01:02:03.004Z id Task timed out after 5.00 seconds', true],
    ['2026-11-30T01:02:03.004Z\tundefined\tERROR\tUncaught Exception\t{"code":"ERR_CONFIGURATION"}', true],
    ['2026-11-30T01:02:03.004Z\tid\tWARN\tfault TriggerError ERR_LEGACY_POOL_UNAVAILABLE', false],
  ])('count a function that stopped: %s', (line, isCounted) => {
    expect(counts(patternOf('Stopped'), line)).toBe(isCounted);
    expect(counts(patternOf('Failed'), line)).toBe(false);
  });
});
