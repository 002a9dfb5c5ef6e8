import { describe, expect, it } from 'vitest';
import { outward, outwardly, outwardMessage } from '../../../middleware/core/outward.js';
import { CutoverError, type CutoverErrorCode } from '../../../src/errors.js';
import { CutoverHttpError } from '../../../src/http/challenge.js';

const refused = (code: CutoverErrorCode, headers = {}) =>
  new CutoverHttpError(new CutoverError(code, 'Details.', { pool: 'new', retryAfterSeconds: 7 }), headers);

describe('what a client may read of a refusal', () => {
  it.each<[CutoverErrorCode, string]>([
    ['ERR_TOKEN_EXPIRED', 'Details.'],
    ['ERR_GROUP_REQUIRED', 'Details.'],
    ['ERR_KEYS_UNAVAILABLE', 'The keys of the user pool are currently unavailable.'],
    ['ERR_LEGACY_ID_UNAVAILABLE', 'The legacy id is currently unavailable.'],
  ])('of %s is: %s', (code, message) => {
    expect(outwardMessage(refused(code))).toBe(message);
  });

  it('is general for the outage of another version of this package', () => {
    const unknown = Object.assign(refused('ERR_KEYS_UNAVAILABLE'), { code: 'ERR_NEW' });
    expect(outwardMessage(unknown)).toBe('This is currently unavailable.');
  });
});

it('an outage keeps everything but its details, which are in its cause', () => {
  const error = refused('ERR_KEYS_UNAVAILABLE', { 'Retry-After': '7' });
  const shown = outward(error);
  expect(shown).toBeInstanceOf(CutoverHttpError);
  expect(shown).toMatchObject({
    ...{ code: 'ERR_KEYS_UNAVAILABLE', status: 503, statusCode: 503, pool: 'new', retryAfterSeconds: 7 },
    ...{ headers: { 'Retry-After': '7' }, cause: error },
  });
  expect(JSON.stringify([shown, (shown as Error).message])).not.toContain('Details');
});

it.each([refused('ERR_TOKEN_EXPIRED'), new TypeError('a bug'), undefined])(
  'anything else stays as it is: %s',
  (error) => {
    expect(outward(error)).toBe(error);
    const throwing = () =>
      outwardly(() => {
        throw error;
      });
    let thrown: unknown = 'nothing';
    try {
      throwing();
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBe(error);
    expect(outwardly(() => 'a value')).toBe('a value');
  },
);
