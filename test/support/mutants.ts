import fc from 'fast-check';
import { type IssuerKey, part, signParts } from './issuer.js';

/** A token as a pool would issue it, before anybody touched it. */
export interface Original {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly key: IssuerKey;
  readonly token: string;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ODD = ['=', '+', '/', '.', ' ', '\n', '\u0000', 'é', '\u0141', '\ud800', '%'];

const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...BASE64URL) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD) },
);
const spliced = (text: string, at: number, gone: number, put: string) => {
  const index = Math.floor(at * text.length);
  return text.slice(0, index) + put + text.slice(index + gone);
};
const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

type TextChange = (token: string) => string;

/** Changes to the finished text, which no signature covers any more. */
function textChange(originals: readonly Original[]): fc.Arbitrary<TextChange> {
  const third = fc.integer({ min: 0, max: 2 });
  const onPart = (token: string, index: number, change: (text: string) => string) =>
    token
      .split('.')
      .map((text, at) => (at === index ? change(text) : text))
      .join('.');
  return fc.oneof(
    fc.tuple(where, character).map(
      ([at, put]): TextChange =>
        (token) =>
          spliced(token, at, 1, put),
    ),
    fc.tuple(where, character).map(
      ([at, put]): TextChange =>
        (token) =>
          spliced(token, at, 0, put),
    ),
    fc.tuple(where, fc.integer({ min: 1, max: 9 })).map(
      ([at, n]): TextChange =>
        (token) =>
          spliced(token, at, n, ''),
    ),
    where.map(
      (at): TextChange =>
        (token) =>
          token.slice(0, Math.floor(at * token.length)),
    ),
    fc.tuple(third, where, fc.integer({ min: 0, max: 7 })).map(
      ([index, at, bit]): TextChange =>
        (token) =>
          onPart(token, index, (text) => {
            const bytes = Buffer.from(text, 'base64url');
            const byte = Math.floor(at * bytes.length);
            if (byte < bytes.length) bytes[byte]! ^= 1 << bit;
            return bytes.toString('base64url');
          }),
    ),
    fc.tuple(third, fc.constantFrom(...BASE64URL)).map(
      ([index, last]): TextChange =>
        (token) =>
          onPart(token, index, (text) => text.slice(0, -1) + last),
    ),
    fc.tuple(third, fc.constantFrom('=', '==')).map(
      ([index, pad]): TextChange =>
        (token) =>
          onPart(token, index, (text) => text + pad),
    ),
    fc.tuple(third, fc.constantFrom(...originals)).map(
      ([index, other]): TextChange =>
        (token) =>
          onPart(token, index, () => other.token.split('.')[index]!),
    ),
    fc.constantFrom<TextChange>(
      (token) => `${token}.`,
      (token) => `${token}\n`,
      (token) => ` ${token}`,
    ),
  );
}

/** Raw JSON values: those of JSON, those near the bounds, and what stands in other tokens. */
function jsonValue(originals: readonly Original[], now: number): fc.Arbitrary<string> {
  const known = originals.flatMap(({ payload }) => Object.values(payload));
  return fc.oneof(
    fc.constantFrom(...known).map((value) => JSON.stringify(value)),
    fc.integer({ min: -12, max: 12 }).map((seconds) => String(now + seconds)),
    fc.double({ min: -12, max: 12, noNaN: true }).map((seconds) => String(now + seconds)),
    fc.constantFrom('1e400', '-1e400', '1e308', '-0', '1E+9', 'null', 'true', '""', '[]', '{}', '[null]', '01', 'NaN'),
    fc.constantFrom('{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}', '"\\ud800"', '"\\u0000"', '"\ufeff"'),
    fc
      .oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 5_000 }))
      .map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
  );
}

const CLAIMS = [
  ...['sub', 'iss', 'aud', 'client_id', 'token_use', 'exp', 'iat', 'nbf', 'auth_time', 'jti', 'scope', 'username'],
  ...['cognito:username', 'cognito:groups', 'custom:legacy_sub', 'legacy_sub', 'identities', 'email', 'version'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'x', ''],
];
const HEADERS = [
  ...['alg', 'kid', 'typ', 'cty', 'crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'zip', 'enc', 'p2c', 'iss', 'exp'],
  ...['__proto__', 'constructor', 'x', ''],
];

/** `[name, value]` pairs rather than an object, so that names can come twice and in any order. */
type Members = readonly (readonly [string, string])[];
type MemberChange = (members: Members) => Members;

const membersOf = (value: Readonly<Record<string, unknown>>): Members =>
  Object.entries(value).map(([name, one]) => [name, JSON.stringify(one)] as const);

function memberChange(names: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<MemberChange> {
  const name = fc.oneof(fc.constantFrom(...names), fc.string());
  return fc.oneof(
    fc.tuple(name, value).map(
      ([key, put]): MemberChange =>
        (all) => [...all.filter(([one]) => one !== key), [key, put]],
    ),
    fc.tuple(name, value).map(
      ([key, put]): MemberChange =>
        (all) => [...all, [key, put]],
    ),
    fc.tuple(name, value).map(
      ([key, put]): MemberChange =>
        (all) => [[key, put], ...all],
    ),
    fc.constantFrom(...names).map(
      (key): MemberChange =>
        (all) =>
          all.filter(([one]) => one !== key),
    ),
    where.map(
      (at): MemberChange =>
        (all) => [...all.slice(Math.floor(at * all.length)), ...all.slice(0, Math.floor(at * all.length))],
    ),
  );
}

/** Changes of the kind an attacker or a wrong setting makes: the claim stays of its type. */
function fittingChange(originals: readonly Original[], now: number): fc.Arbitrary<MemberChange> {
  const seconds = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ min: -9, max: 9, noNaN: true }));
  const time = fc.tuple(
    fc.constantFrom('exp', 'iat', 'nbf', 'auth_time'),
    seconds.map((some) => String(now + some)),
  );
  const text = fc
    .tuple(fc.constantFrom('iss', 'aud', 'client_id', 'token_use', 'sub'), fc.constantFrom(...originals))
    .map(([name, { payload }]) => [name, JSON.stringify(payload[name] ?? payload['sub'])] as const);
  return fc.oneof(time, text).map(
    ([name, put]): MemberChange =>
      (all) => [...all.filter(([one]) => one !== name), [name, put]],
  );
}

const blank = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('', ' ', '\n', '\t\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\u00a0', '\ufeff', '\u0000') },
);

function written(members: Members, gap: string): string {
  return `{${members.map(([name, value]) => `${gap}${JSON.stringify(name)}:${gap}${value}`).join(',')}}${gap}`;
}

/** Tokens that differ from a pool's in one or several ways, some of them signed again, some with a key that may not. */
export function mutants(originals: readonly Original[], foreign: IssuerKey, now: number): fc.Arbitrary<string> {
  const value = jsonValue(originals, now);
  const original = fc.constantFrom(...originals);
  const signers = [foreign, ...originals.map(({ key }) => key)];
  const edited = fc
    .record({
      original,
      signer: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...signers) },
      ),
      headerChanges: fc.array(memberChange(HEADERS, value), { maxLength: 1 }),
      claimChanges: fc.array(fc.oneof(memberChange(CLAIMS, value), fittingChange(originals, now)), { maxLength: 2 }),
      gap: blank,
      noise: fc.oneof(
        { weight: 11, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.tuple(where, fc.integer({ min: 0, max: 255 })) },
      ),
    })
    .map(({ original: { header, payload, key }, signer, headerChanges, claimChanges, gap, noise }) => {
      const changed = (all: Members, changes: MemberChange[]) =>
        changes.reduce((members, change) => change(members), all);
      const headerText = written(changed(membersOf(header), headerChanges), gap);
      const payloadBytes = Buffer.from(written(changed(membersOf(payload), claimChanges), gap));
      if (noise !== null) payloadBytes[Math.floor(noise[0] * payloadBytes.length)] = noise[1];
      return signParts(part(headerText), part(payloadBytes), signer ?? key);
    });
  const spoilt = fc
    .tuple(original, fc.array(textChange(originals), { minLength: 1, maxLength: 2 }))
    .map(([{ token }, changes]) => changes.reduce((text, change) => change(text), token));
  const both = fc.tuple(edited, textChange(originals)).map(([token, change]) => change(token));
  return fc.oneof({ weight: 7, arbitrary: edited }, { weight: 2, arbitrary: spoilt }, { weight: 1, arbitrary: both });
}
