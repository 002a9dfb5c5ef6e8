import { describe, expect, it } from 'vitest';
import { kindsOn, smsConfiguration } from '../../../src/assess/fix/mfa.js';

const none = { sms: false, softwareToken: false, email: false };

describe('enabling second factors', () => {
  it('changes nothing of those that are not asked for', () => {
    expect(kindsOn(none, 'SNS')).toEqual([]);
    expect(kindsOn({ ...none, softwareToken: true }, 'SNS')).toEqual(['.SoftwareTokenMfaConfiguration.Enabled = true']);
  });

  it('keeps what is configured already', () => {
    const changes = kindsOn({ ...none, sms: true, email: true }, null);
    expect(changes.map((change) => change.split(' //= ')[0])).toEqual([
      '.SmsMfaConfiguration.SmsConfiguration',
      '.EmailMfaConfiguration',
    ]);
  });

  it('names one sender of SMS, never both', () => {
    expect(Object.keys(smsConfiguration('EUMS'))).toEqual(['EumsSms']);
    for (const sender of ['SNS', null] as const) {
      expect(Object.keys(smsConfiguration(sender))).toEqual(['SnsCallerArn', 'ExternalId', 'SnsRegion']);
    }
  });
});
