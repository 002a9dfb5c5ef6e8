import type { ServerResponse } from 'node:http';

const HOUR_MS = 3_600_000;

/**
 * The one operation of the security token service that the SDK needs to take on a role. The access key of the role
 * `arn:aws:iam::…:role/Reader` is `ASIA-Reader`, so that a pool can be open to it alone (`accessKeys`).
 *
 * @returns false for a request that is not for that service
 */
export function answerSts(body: string, response: ServerResponse, now: number): boolean {
  const form = new URLSearchParams(body);
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
