import type { MfaSettings, PoolSettings } from '../snapshot/pool-snapshot.js';
import { setUnlessSet } from './changes.js';

/** Enables second factors, as changes to the MFA configuration. Existing configuration is kept. */
export function kindsOn(
  kinds: Pick<MfaSettings, 'sms' | 'softwareToken' | 'email'>,
  smsSender: PoolSettings['smsSender'],
): string[] {
  return [
    ...(kinds.sms ? [setUnlessSet('.SmsMfaConfiguration.SmsConfiguration', smsConfiguration(smsSender))] : []),
    ...(kinds.softwareToken ? ['.SoftwareTokenMfaConfiguration.Enabled = true'] : []),
    ...(kinds.email
      ? [
          setUnlessSet('.EmailMfaConfiguration', {
            Message: 'Your code is {####}',
            Subject: 'Your sign-in code',
          }),
        ]
      : []),
  ];
}

/** A pool sends SMS through Amazon SNS or through AWS End User Messaging; Cognito does not accept both. */
export const smsConfiguration = (sender: PoolSettings['smsSender']): object =>
  sender === 'EUMS'
    ? { EumsSms: { CallerArn: 'ARN_OF_THE_ROLE', ExternalId: 'EXTERNAL_ID' } }
    : { SnsCallerArn: 'ARN_OF_THE_ROLE', ExternalId: 'EXTERNAL_ID', SnsRegion: 'REGION' };
