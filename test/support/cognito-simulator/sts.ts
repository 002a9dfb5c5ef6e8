import type { ServerResponse } from 'node:http';

const HOUR_MS = 3_600_000;

/**
 * The operations of the security token service: taking on a role, and asking whose credentials sign. The access key of the role
 * `arn:aws:iam::…:role/Reader` is `ASIA-Reader`, so that a pool can be open to it alone (`accessKeys`).
 *
 * @returns false for a request that is not for that service
 */
export function answerSts(body: string, response: ServerResponse, now: number, accessKey?: string): boolean {
  const form = new URLSearchParams(body);
  if (form.get('Action') === 'GetCallerIdentity') {
    response.setHeader('content-type', 'text/xml');
    response.end(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>${callerOf(accessKey)}</Arn><UserId>AROA:cognito-cutover</UserId><Account>222233334444</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`);
    return true;
  }
  if (form.get('Action') !== 'AssumeRole') return false;
  const arn = form.get('RoleArn') ?? '';
  response.setHeader('content-type', 'text/xml');
  response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>${arn}</Arn><AssumedRoleId>AROA:${form.get('RoleSessionName')}</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA-${arn.split('/').at(-1)}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>session</SessionToken><Expiration>${new Date(now + HOUR_MS).toISOString()}</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`);
  return true;
}

const callerOf = (accessKey = '') =>
  accessKey.startsWith('ASIA-')
    ? `arn:aws:sts::222233334444:assumed-role/${accessKey.slice('ASIA-'.length)}/cognito-cutover`
    : 'arn:aws:iam::222233334444:user/operator';
