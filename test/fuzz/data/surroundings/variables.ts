import fc from 'fast-check';
import { CANARY } from '../../canary.js';

/** What each input finds, unless it sets something else: test credentials that must not be shown, and nothing of the machine's own. */
export const QUIET: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: CANARY.password,
  AWS_SESSION_TOKEN: CANARY.token,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  NO_COLOR: '1',
};

/** In the place of an address at which nobody must be called. */
export const TRAP = 'TRAP';

const ANY = [
  ...[
    '',
    ' ',
    'x',
    'true',
    'false',
    'TRUE',
    '0',
    '-1',
    '1e999',
    'NaN',
    '[object Object]',
    '../..',
    '/dev/null',
    '/nowhere',
  ],
  ...['\u001b[31mred', 'a\nb', 'a\r\nHost: x', '💥', '\u202e', "'; touch fuzzed", '$(touch fuzzed)'],
  'x'.repeat(100_000),
];
const ADDRESSES = [
  ...[
    'not a url',
    'http://',
    'http:///x',
    'ftp://x',
    'http://nobody.invalid',
    '127.0.0.1',
    'http://127.0.0.1:99999',
    TRAP,
  ],
  ...[`http://user:${CANARY.token}@nobody.invalid`, `http://nobody.invalid/?key=${CANARY.token}`],
];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  NO_COLOR: ['', '0', 'x'],
  FORCE_COLOR: ['', '0', '1', '3', 'true'],
  TERM: ['dumb', '', 'xterm'],
  COLUMNS: ['0', '1', '7', '20', '80', '1e3', '1000000', '-80', '80.5', '0x50', ' 80 '],
  TZ: ['UTC', 'Asia/Kolkata', ':/etc/localtime', 'Nowhere/City', 'EST5EDT'],
  LANG: ['C', 'tr_TR.UTF-8', 'xx_XX'],
  LC_ALL: ['C', 'de_DE.UTF-8'],
  AWS_REGION: ['eu-west-1', 'EU-WEST-1', 'eu west', 'a.b', 'eu-west-1/x'],
  AWS_DEFAULT_REGION: ['eu-west-1', 'moon-1'],
  AWS_PROFILE: ['default', 'nobody', '__proto__'],
  AWS_ACCESS_KEY_ID: ['', 'AKIATEST', 'a/b'],
  AWS_SECRET_ACCESS_KEY: ['', `${CANARY.token}\n`],
  AWS_SESSION_TOKEN: ['', `${CANARY.token}\n`, `${CANARY.token}ö`],
  AWS_CONTAINER_AUTHORIZATION_TOKEN: [CANARY.token, `${CANARY.token}\n`],
  AWS_MAX_ATTEMPTS: ['3', '0', '-1', '1.5'],
  AWS_RETRY_MODE: ['standard', 'legacy', 'adaptive'],
  AWS_DEFAULTS_MODE: ['standard', 'auto', 'mobile'],
  AWS_USE_FIPS_ENDPOINT: [],
  AWS_USE_DUALSTACK_ENDPOINT: [],
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: [],
  AWS_STS_REGIONAL_ENDPOINTS: ['legacy', 'regional'],
  AWS_ACCOUNT_ID_ENDPOINT_MODE: ['required', 'disabled'],
  AWS_SDK_UA_APP_ID: [],
  AWS_CA_BUNDLE: [],
  AWS_CONFIG_FILE: [],
  AWS_SHARED_CREDENTIALS_FILE: [],
  AWS_ROLE_ARN: ['arn:aws:iam::111122223333:role/x'],
  AWS_WEB_IDENTITY_TOKEN_FILE: [],
  AWS_LAMBDA_FUNCTION_NAME: ['fn'],
  AWS_EXECUTION_ENV: ['AWS_Lambda_nodejs22.x'],
  AWS_XRAY_CONTEXT_MISSING: [],
  AWS_BEARER_TOKEN_BEDROCK: [CANARY.token],
  OTEL_SDK_DISABLED: [],
  NODE_APP_INSTANCE: ['0'],
  NODE_ENV: ['production'],
  NODE_DEBUG: [],
  DEBUG: ['*'],
  HOME: [],
  USERPROFILE: [],
  npm_command: ['run-script'],
  npm_config_user_agent: [],
  npm_config__auth: [CANARY.token],
  CUTOVER_STATE: [CANARY.token],
  CUTOVER_REASON: [],
};
const WITH_ADDRESSES = [
  ...[
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER',
    'AWS_ENDPOINT_URL_STS',
    'HTTP_PROXY',
    'HTTPS_PROXY',
  ],
  ...['https_proxy', 'NO_PROXY', 'ALL_PROXY', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
];

export type Variables = Readonly<Record<string, string>>;

const variable: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...Object.entries(WORDS))
      .chain(([name, words]) => fc.tuple(fc.constant(name), fc.constantFrom(...words, ...words, ...ANY))),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...WITH_ADDRESSES), fc.constantFrom(...ADDRESSES, ...ADDRESSES, ...ANY)),
  },
);

export const variables: fc.Arbitrary<Variables> = fc
  .array(variable, { minLength: 1, maxLength: 4 })
  .map((list) => Object.fromEntries(list));

/** Whether a command may use colours, by https://no-color.org and https://force-color.org, by hand. */
export function coloursByHand({ NO_COLOR, FORCE_COLOR, TERM }: Variables, isTerminal: boolean): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return isTerminal && TERM !== 'dumb';
}
