import { describe, expect, it } from 'vitest';
import * as target from '../support/attack-target.js';
import { part } from '../support/issuer.js';

const { accessClaims, goodHeader, goodPayload, goodSignature, goodToken, header } = target;
const { judgeToken: judge, refused, resigned, withHeader, withPayload } = target;
const MALFORMED = 'ERR_TOKEN_MALFORMED';
const MISSING = 'ERR_TOKEN_MISSING';

it('the token the attacks start from is good', async () => {
  expect(await judge(goodToken)).toBe('accepted');
});

describe('what is not a token', () => {
  refused(MISSING, { undefined: undefined, null: null, 'an empty string': '', 'white space': ' \n' });
  refused(MALFORMED, {
    zero: 0,
    'a number': 42,
    true: true,
    'an object': {},
    'an array': [],
    'an array with a good token': [goodToken],
    'a String object': Object(goodToken),
    'an object that turns into a good token': { toString: () => goodToken, length: 10, indexOf: () => 1 },
    'a symbol': Symbol('token'),
    'a function': () => goodToken,
    'bytes of a good token': Buffer.from(goodToken),
    'a big integer': 1n,
  });
});

describe('the shape of a compact JWS', () => {
  refused(MALFORMED, {
    'one dot': '.',
    'two dots': '..',
    'three dots': '...',
    'no dots': 'abc',
    'two parts': `${goodHeader}.${goodPayload}`,
    'two parts and a dot': `${goodHeader}.${goodPayload}.`,
    'no header': `.${goodPayload}.${goodSignature}`,
    'no payload': `${goodHeader}..${goodSignature}`,
    'four parts': `${goodToken}.${goodSignature}`,
    'a trailing dot': `${goodToken}.`,
    'a leading dot': `.${goodToken}`,
    'five parts, as an encrypted token': `${goodToken}.AAAA.AAAA`,
    'the JSON serialisation': JSON.stringify({ protected: goodHeader, payload: goodPayload, signature: goodSignature }),
    'the scheme before it': `Bearer ${goodToken}`,
    'two good tokens': `${goodToken},${goodToken}`,
    '1 MB of dots': '.'.repeat(1_048_576),
    '1 MB of letters': 'A'.repeat(1_048_576),
    '1 MB in the header': `${'A'.repeat(1_048_576)}.${goodPayload}.${goodSignature}`,
    '1 MB of binary rubbish': `${'\u0000\uffff'.repeat(524_288)}.${goodPayload}.${goodSignature}`,
  });

  it.each([
    [16_384, 'accepted'],
    [16_385, MALFORMED],
    [20_000, MALFORMED],
  ])('a good token of %d characters is %s', async (length, expected) => {
    // Blanks around the JSON fill header and payload up; two of them, as no part has a length of 4n + 1.
    for (let blanks = 0; blanks < 8; blanks += 1) {
      const headerPart = part(`${JSON.stringify(header())}${' '.repeat(blanks)}`);
      for (let size = Math.floor((length * 3) / 4) - 700; size < length; size += 1) {
        const pad = ' '.repeat(Math.max(0, size - JSON.stringify(accessClaims).length));
        const payloadLength = Math.ceil(((JSON.stringify(accessClaims).length + pad.length) * 4) / 3);
        if (headerPart.length + payloadLength + 344 < length) continue;
        if (headerPart.length + payloadLength + 344 > length) break;
        const token = resigned(headerPart, part(`${JSON.stringify(accessClaims)}${pad}`));
        expect(token).toHaveLength(length);
        expect(await judge(token)).toBe(expected);
        return;
      }
    }
    throw new Error('no token of that length was found');
  });
});

describe('base64url', () => {
  /** A second spelling of the same bytes: the last character with its spare bits set. */
  const respelled = (text: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.at(-1)!) + 1]}`;
  };
  const json = (value: object, blanks: number) => `${JSON.stringify(value)}${' '.repeat(blanks)}`;
  const spare = (value: object) => [0, 1, 2].map((blanks) => part(json(value, blanks))).filter((one) => one.length % 4);
  const noncanonical = [
    ...spare(header()).map((one) => resigned(respelled(one), goodPayload)),
    ...spare(accessClaims).map((one) => resigned(goodHeader, respelled(one))),
    `${goodHeader}.${goodPayload}.${respelled(goodSignature)}`,
  ];

  it.each(noncanonical)('with spare bits set is refused, signed or not (%#)', async (token) => {
    const bytesOf = (text: string) => text.split('.').map((one) => Buffer.from(one, 'base64url').toString('latin1'));
    expect(bytesOf(token)).toHaveLength(3);
    expect(await judge(token)).toBe(MALFORMED);
  });

  const everyPart = (spoil: (text: string) => string): string[] => [
    resigned(spoil(goodHeader), goodPayload),
    resigned(goodHeader, spoil(goodPayload)),
    `${goodHeader}.${goodPayload}.${spoil(goodSignature)}`,
  ];
  const spoilers: Readonly<Record<string, (text: string) => string>> = {
    'padded with =': (text) => `${text}=`,
    'padded with ==': (text) => `${text}==`,
    'with + ': (text) => `${text.slice(0, -4)}+${text.slice(-3)}`,
    'with /': (text) => `${text.slice(0, -4)}/${text.slice(-3)}`,
    'with a blank before': (text) => ` ${text}`,
    'with a blank behind': (text) => `${text} `,
    'with a blank inside': (text) => `${text.slice(0, 8)} ${text.slice(8)}`,
    'with a line feed behind': (text) => `${text}\n`,
    'with a line break inside': (text) => `${text.slice(0, 8)}\r\n${text.slice(8)}`,
    'with a tab': (text) => `${text}\t`,
    'with NUL': (text) => `${text}\u0000`,
    'with a byte order mark': (text) => `\ufeff${text}`,
    'with an umlaut': (text) => `${text.slice(0, 8)}ä${text.slice(9)}`,
    'with a letter whose low byte is A': (text) => `${text.slice(0, 8)}\u0141${text.slice(9)}`,
    'with a full-width letter': (text) => `${text.slice(0, 8)}\uff21${text.slice(9)}`,
    'with a lone surrogate': (text) => `${text.slice(0, 8)}\ud800${text.slice(9)}`,
    'percent-encoded': (text) => `${text.slice(0, 8)}%41${text.slice(9)}`,
    'of a length that no bytes have': (text) => text.slice(0, text.length - ((text.length + 3) % 4)),
  };
  for (const [name, spoil] of Object.entries(spoilers)) {
    it.each(everyPart(spoil))(`${name} is refused in every part (%#)`, async (token) => {
      expect(await judge(token)).toBe(MALFORMED);
    });
  }
});

describe('text and JSON', () => {
  const bytes = (text: string, ...odd: number[]) => {
    const [before, after] = text.split('?') as [string, string];
    return Buffer.concat([Buffer.from(before), Buffer.from(odd), Buffer.from(after)]);
  };
  const holes = {
    header: `${JSON.stringify(header()).slice(0, -1)},"x":"?"}`,
    payload: `${JSON.stringify(accessClaims).slice(0, -1)},"x":"?"}`,
  };
  const badUtf8: Readonly<Record<string, number[]>> = {
    'a stray byte': [0xff],
    'a lone continuation': [0x80],
    'an overlong NUL': [0xc0, 0x80],
    'an overlong quote': [0xc0, 0xa2],
    'an encoded surrogate': [0xed, 0xa0, 0x80],
    'a cut-off sequence': [0xe2, 0x82],
    'a code point beyond Unicode': [0xf4, 0x90, 0x80, 0x80],
  };
  for (const [name, odd] of Object.entries(badUtf8)) {
    refused(MALFORMED, {
      [`bad UTF-8 in the header: ${name}`]: withHeader(bytes(holes.header, ...odd)),
      [`bad UTF-8 in the payload: ${name}`]: withPayload(bytes(holes.payload, ...odd)),
    });
  }

  const notAnObject: Readonly<Record<string, (json: string) => string | Uint8Array>> = {
    'an array': (json) => `[${json}]`,
    'a string': () => '"text"',
    'the JSON as a string': (json) => JSON.stringify(json),
    'a number': () => '1',
    null: () => 'null',
    true: () => 'true',
    blanks: () => '   ',
    'a byte order mark before it': (json) => `\ufeff${json}`,
    'UTF-16': (json) => Buffer.from(json, 'utf16le'),
    'a trailing comma': (json) => `${json.slice(0, -1)},}`,
    'a second object behind': (json) => `${json}{}`,
    'a comment': (json) => `/**/${json}`,
    'single quotes': (json) => json.replaceAll('"', "'"),
    NaN: (json) => `${json.slice(0, -1)},"x":NaN}`,
    'a hexadecimal number': (json) => `${json.slice(0, -1)},"x":0x10}`,
    'a raw control character': (json) => `${json.slice(0, -1)},"x":"\u0001"}`,
    'a cut-off end': (json) => json.slice(0, -1),
    '3 000 open brackets': () => '['.repeat(3_000),
  };
  for (const [name, spoil] of Object.entries(notAnObject)) {
    refused(MALFORMED, {
      [`header: ${name}`]: withHeader(spoil(JSON.stringify(header()))),
      [`payload: ${name}`]: withPayload(spoil(JSON.stringify(accessClaims))),
    });
  }
});
