/** Keys whose values are any finite number; all other numbers are counts. */
const NUMBERS = ['minimum', 'maximum', 'provisioned', 'free'];

/** Keys whose value may be null, and an example of what it is otherwise. */
const NULLABLE: Readonly<Record<string, unknown>> = {
  account: '111122223333',
  minimum: 1,
  maximum: 1,
  plan: 'LITE',
  smsSender: 'SNS',
  version: 'V1_0',
  domainPrefix: 'x',
  customDomain: 'x',
  passkeyRelyingParty: 'x',
  readAttributes: ['x'],
  writeAttributes: ['x'],
  precedence: 1,
  passwordPolicy: {
    ...{ minimumLength: 8, requireUppercase: true, requireLowercase: true, requireNumbers: true, requireSymbols: true },
    historySize: 0,
  },
  deviceTracking: { challengeRequiredOnNewDevice: true, onlyRememberedOnUserPrompt: true },
};

/** Keys that take a few words only. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  mfa: ['OFF', 'OPTIONAL', 'ON'],
  plan: ['LITE', 'ESSENTIALS', 'PLUS'],
  threatProtection: ['OFF', 'AUDIT', 'ENFORCED'],
  issuerForm: ['ORIGINAL', 'UPDATED'],
  emailSending: ['COGNITO_DEFAULT', 'DEVELOPER'],
  smsSender: ['SNS', 'EUMS'],
  format: ['cognito-cutover snapshot'],
};

/** Keys of objects whose own keys are names, with an example of a value. */
const RECORDS: Readonly<Record<string, unknown>> = {
  byStatus: 1,
  byProvider: 1,
  customAttributes: 1,
  attributeMapping: 'x',
  details: 'x',
};

/** The last moment that JavaScript can name. */
const LAST_MS = 8.64e15;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fitsValue(value: unknown, example: unknown, key: string): boolean {
  if (value === null && key in NULLABLE) return true;
  const like = example ?? NULLABLE[key];
  const words = WORDS[key];
  if (words !== undefined && typeof like === 'string') return words.includes(value as string);
  if (typeof like === 'string' || typeof like === 'boolean') return typeof value === typeof like;
  if (typeof like === 'number') {
    if (NUMBERS.includes(key)) return Number.isFinite(value);
    return Number.isSafeInteger(value) && (value as number) >= 0;
  }
  if (Array.isArray(like)) return Array.isArray(value) && value.every((one) => fitsValue(one, like[0], ''));
  if (!isObject(value) || !isObject(like)) return false;
  if ('known' in like) {
    if (value['known'] !== 'no') return value['known'] === 'yes' && fitsFields(value, like, key);
    return (
      Object.keys(value).length === 3 &&
      typeof value['permission'] === 'string' &&
      ['denied', 'not-supported'].includes(value['reason'] as string)
    );
  }
  if (key in RECORDS) return Object.values(value).every((one) => fitsValue(one, RECORDS[key], ''));
  return fitsFields(value, like, '');
}

/** Exactly the fields of the example. The value of a part is looked at under the name of the part. */
function fitsFields(value: Record<string, unknown>, like: Record<string, unknown>, part: string): boolean {
  return (
    Object.keys(like).every((key) => Object.hasOwn(value, key)) &&
    Object.keys(value).every((key) => {
      if (!Object.hasOwn(like, key)) return false;
      return fitsValue(value[key], like[key], key === 'value' ? `${part}.value` : key);
    })
  );
}

/** Whether a document has the form of a snapshot, by an example in which no list is empty, and by the tables above. */
export function fitsByHand(document: unknown, example: unknown): boolean {
  if (!isObject(document) || !isObject(example)) return false;
  const { version, takenAt, legacy, new: next } = document;
  const [pool] = example['legacy'] as unknown[];
  const keys = ['format', 'version', 'takenAt', 'legacy', 'new'];
  return (
    Object.keys(document).toSorted().join() === keys.toSorted().join() &&
    document['format'] === WORDS['format']?.[0] &&
    version === 2 &&
    Number.isSafeInteger(takenAt) &&
    (takenAt as number) >= 0 &&
    (takenAt as number) <= LAST_MS &&
    Array.isArray(legacy) &&
    legacy.length > 0 &&
    legacy.every((one) => fitsValue(one, pool, '')) &&
    (next === null || fitsValue(next, pool, ''))
  );
}
