import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { withTimeLimit } from '../../time-limit.js';
import type { CallerIdentity } from '../user-types.js';

/** Nobody waits longer than this to be told whose credentials these are. */
const LIMIT_MS = 3_000;

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

/**
 * Asks AWS's security token service whose credentials a client signs with. No permission is needed for that, and none can be denied.
 * Returns `undefined` instead of failing: a run must not end because a name could not be shown. An emulator of Cognito is not asked,
 * unless `AWS_ENDPOINT_URL_STS` or `AWS_ENDPOINT_URL` says where its security token service is.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function askCaller(
  client: CognitoIdentityProviderClient,
  endpoint: string | undefined,
  stop: AbortSignal | undefined,
): Promise<CallerIdentity | undefined> {
  const ending = stop === undefined ? {} : { ending: stop };
  try {
    // Finding credentials does not listen to a signal.
    return await withTimeLimit({ timeoutMs: LIMIT_MS, ...ending }, (signal) => ask(client, endpoint, signal));
  } catch {
    return undefined;
  }
}

async function ask(
  client: CognitoIdentityProviderClient,
  endpoint: string | undefined,
  signal: AbortSignal,
): Promise<CallerIdentity | undefined> {
  const region = await client.config.region();
  const url = serviceAddress(client, endpoint, region);
  if (url === undefined) return undefined;
  // The SDK's own signer, so that these are the credentials of the other calls: one more SDK client would look for its own.
  const signer = await client.config.signer({
    ...{ name: 'sigv4', signingName: 'sts', signingRegion: region, properties: {} },
  });
  const { headers } = await signer.sign({
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: {}, body: BODY },
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
  });
  const answer = await fetch(url, { method: 'POST', headers, body: BODY, signal, redirect: 'error' });
  // Read in any case, so that the connection is free and does not hold up the end of the process.
  const text = await answer.text();
  if (!answer.ok) return undefined;
  return { account: /<Account>(\d{12})<\/Account>/.exec(text)?.[1], arn: /<Arn>(arn:[^<\s]+)<\/Arn>/.exec(text)?.[1] };
}

function serviceAddress(
  { config }: CognitoIdentityProviderClient,
  endpoint: string | undefined,
  region: string,
): URL | undefined {
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } = process.env;
  const given = AWS_ENDPOINT_URL_STS ?? AWS_ENDPOINT_URL;
  if (given !== undefined && given !== '') return new URL(given);
  const isForeign = endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
  if (isForeign) return undefined;
  const { url } = config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
  return new URL(url.href.replace('//cognito-idp.', '//sts.'));
}

/** The account in the ARN of a pool. */
export const accountOf = (poolArn: string | undefined): string | undefined =>
  /^arn:[\w-]+:cognito-idp:[\w-]*:(\d{12}):/.exec(poolArn ?? '')?.[1];
