import { type CallPlace, type DirectoryError, isExpiry } from '../../directory/user-types.js';

/** What most likely made a call fail, and what to check. */
export interface LikelyCause {
  readonly message: string;
  readonly fix: string | undefined;
}

const NO_ANSWER = /^(E[A-Z_]{3,}|TimeoutError|NetworkingError)$/;
/** The name of the host could not be looked up: it does not exist, or nobody could say whether it does. */
const NO_HOST: Readonly<Record<string, (region: string, host: string) => string>> = {
  ENOTFOUND: (region, host) => `the Region ${region} has no host ${host}`,
  EAI_AGAIN: (region, host) => `the host ${host} of the Region ${region} cannot be looked up`,
};

const NETWORK = 'the network of this machine: its connection, firewall, proxy or VPC endpoint';

/** What the SDK makes of an answer that is a page, or not of Cognito's form. */
const NOT_COGNITO = ['SyntaxError', 'Unknown', 'UnknownError'];

/** Where the SDK finds an address that no option names. */
const ENVIRONMENT = 'AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER and the endpoint_url of the profile';

/** Whether nothing at all was answered, so that it is not known who would have answered. */
export const isNoAnswer = ({ kind, exception }: DirectoryError): boolean =>
  kind === 'unavailable' && NO_ANSWER.test(exception);

/** Whether the call was sent, and no answer came in time: perhaps only this operation is never answered. */
export const isTimeout = ({ kind, exception }: DirectoryError): boolean =>
  kind === 'unavailable' && /^(ETIMEDOUT|TimeoutError)$/.test(exception);

/** Whether no call was sent, because the credentials for it could not be fetched. */
export const lacksCredentials = (error: DirectoryError): boolean =>
  isNoAnswer(error) && error.place?.address === '' && !error.place.answered;

/** The likely cause of a failure that depends on where the call was sent; `undefined` if nothing more is known than its message. */
export function likelyCause(error: DirectoryError): LikelyCause | undefined {
  const { place, operation, exception } = error;
  if (place === undefined) return undefined;
  const isAboutPool = operation === 'DescribeUserPool' || operation === 'ListUsers';
  if (exception === 'ResourceNotFoundException' && isAboutPool) return missingPool(place);
  if (exception === 'ERR_INVALID_URL') {
    return { message: 'an address in the environment or in the profile is not a URL', fix: `Check ${ENVIRONMENT}.` };
  }
  if (lacksCredentials(error)) {
    return {
      message: `the credentials cannot be fetched: ${error.message}`,
      fix: `Check ${options(place, 'region', 'profile', 'role-arn')}, and ${NETWORK}.`,
    };
  }
  if (place.address !== '' && isNoAnswer(error)) return noAnswer(place, exception);
  if (isExpiry(error) && !place.accepted) return unusableCredentials(error, place);
  const named = whoNamed(place);
  if (NOT_COGNITO.includes(exception) && named !== undefined && !place.answered) {
    const message = `${place.address} does not answer as Cognito does: is the endpoint right?`;
    return { message, fix: `Check ${named}.` };
  }
  return undefined;
}

/** Credentials with which nothing was ever answered: mistyped, never configured, or expired before the run. */
function unusableCredentials({ message, exception }: DirectoryError, place: CallPlace): LikelyCause | undefined {
  const { profile } = place;
  if (profile !== undefined) {
    const fix = `Check ${options(place, 'profile')}. If the profile is right, renew its credentials, for example with \`aws sso login --profile ${profile}\`.`;
    return { message, fix };
  }
  if (exception !== 'CredentialsProviderError') return undefined;
  const fix = `Log in, for example with \`aws sso login\`, or name a profile with ${options(place, 'profile')} or AWS_PROFILE.`;
  return { message: `no AWS credentials were found: ${message}`, fix };
}

function missingPool(place: CallPlace): LikelyCause {
  const { userPoolId, account, region, endpoint } = place;
  if (endpoint !== undefined && account === undefined) {
    return {
      message: `pool ${userPoolId} does not exist at ${endpoint}`,
      fix: `Check ${options(place, 'pool', 'endpoint', 'profile')}.`,
    };
  }
  const where = [
    account === undefined ? 'the account of these credentials' : `account ${account}`,
    ...(region === undefined ? [] : [`Region ${region}`]),
  ];
  return {
    message: `pool ${userPoolId} does not exist in ${where.join(', ')}`,
    fix: `Check ${options(place, 'pool', 'profile', 'region')}.`,
  };
}

function noAnswer(place: CallPlace, exception: string): LikelyCause {
  const { address, region, answered } = place;
  const nothing = `nothing answers at ${address} (${exception})`;
  // It was right before, so it is not mistyped.
  if (answered) return { message: nothing, fix: undefined };
  const named = whoNamed(place);
  if (named !== undefined) return { message: `${nothing}: is the endpoint right?`, fix: `Check ${named}.` };
  const noHost = Object.hasOwn(NO_HOST, exception) ? NO_HOST[exception] : undefined;
  if (noHost === undefined || region === undefined) return { message: nothing, fix: `Check ${NETWORK}.` };
  return {
    message: `${noHost(region, new URL(address).hostname)} (${exception}): does the Region exist?`,
    fix: `Check ${options(place, 'region', 'pool')}. If the Region is right, check ${NETWORK}.`,
  };
}

/** What named the address, if it is not Cognito's own. */
function whoNamed(place: CallPlace): string | undefined {
  if (place.endpoint !== undefined) return options(place, 'endpoint');
  const isOwn = place.address === '' || /^cognito-idp(-fips)?\./.test(new URL(place.address).hostname);
  return isOwn ? undefined : ENVIRONMENT;
}

/** `--new-pool and --new-profile`. */
function options({ side }: CallPlace, ...names: readonly string[]): string {
  const all = names.map((name) => (side === undefined ? `the ${name.replace('-arn', '')}` : `--${side}-${name}`));
  return all.length === 1 ? all.join() : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
