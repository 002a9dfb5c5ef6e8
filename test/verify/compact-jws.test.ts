import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompactJwsDecoder, detached, isSignedWith, MAX_TOKEN_LENGTH } from '../../src/verify/compact-jws.js';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const HEADER = { alg: 'RS256', kid: 'k1' };
const SIGNATURE = Buffer.alloc(256, 7).toString('base64url');
const token = (header: unknown = HEADER, payload: unknown = { iss: 'x' }, signature = SIGNATURE) =>
  `${encode(header)}.${encode(payload)}.${signature}`;

const decode = (text: string) => new CompactJwsDecoder().decode(text);

describe('decode', () => {
  it.each(['.e30.AAAA', 'e30..AAAA', 'e30.e30.', '..', '.e30.', 'e30.e30', 'e30.e30.AAAA.AAAA', 'a.b.c.'])(
    'counts the parts of %s',
    (text) => expect(() => decode(text)).toThrow('The token does not have three parts.'),
  );

  it('takes a token apart', () => {
    const jws = decode(token());
    expect(jws.header).toEqual(HEADER);
    expect(jws.payload).toEqual({ iss: 'x' });
    expect(jws.token.slice(0, jws.inputLength)).toBe(`${encode(HEADER)}.${encode({ iss: 'x' })}`);
  });

  it.each(['plain', 'caf\u00e9', '\u20ac', '\u{1F600}', '\u0000', '\u0080', '\u00ff\u0100'])(
    'reads the text %j',
    (text) => {
      expect(decode(token(HEADER, { text })).payload).toEqual({ text });
    },
  );

  it('keeps nothing of one token in the next, whatever their lengths', () => {
    const payloads = fc.array(fc.record({ a: fc.string({ unit: 'binary', maxLength: 60 }), b: fc.integer() }), {
      minLength: 2,
      maxLength: 5,
    });
    const property = fc.property(payloads, (several) => {
      const decoder = new CompactJwsDecoder();
      const decoded = several.map((payload) => decoder.decode(token(HEADER, payload)).payload);
      expect(decoded).toEqual(several.map((payload) => JSON.parse(Buffer.from(JSON.stringify(payload)).toString())));
    });
    fc.assert(property, { numRuns: 500 });
  });

  const bytes = (...values: number[]) => Buffer.from(values).toString('base64url');
  it.each([
    ['one part', 'a'],
    ['two parts', 'a.b'],
    ['four parts', `${token()}.${SIGNATURE}`],
    ['an empty header', `.${encode({})}.${SIGNATURE}`],
    ['an empty payload', `${encode(HEADER)}..${SIGNATURE}`],
    ['an empty signature', `${encode(HEADER)}.${encode({})}.`],
    ['padding', token(HEADER, { iss: 'xy' }).replace('.', '=.')],
    ['padding of the signature', `${token()}==`],
    ['spare bits in the signature', `${token().slice(0, -1)}x`],
    ['the other base64 alphabet', token(HEADER, { a: '???>>>' }).replace(/[-_]/, '+')],
    ['a line break', `${token()}\n`],
    ['a space in front', ` ${token()}`],
    ['a character beyond ASCII', token().replace('.', 'Ł.')],
    ['a payload that is no JSON', token(HEADER, '{')],
    ['a payload that is an array', token(HEADER, [])],
    ['a payload that is null', token(HEADER, 'null')],
    ['a payload that is a text', token(HEADER, '"x"')],
    ['a payload with a byte order mark', token(HEADER, '\uFEFF{}')],
    [
      'a payload that is not UTF-8',
      `${encode(HEADER)}.${bytes(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)}.${SIGNATURE}`,
    ],
    ['a surrogate in UTF-8', `${encode(HEADER)}.${bytes(0x22, 0xed, 0xa0, 0x80, 0x22)}.${SIGNATURE}`],
    ['a header that is an array', token([])],
    ['crit', token({ ...HEADER, crit: ['exp'] })],
    ['an empty crit', token({ ...HEADER, crit: [] })],
    ['b64', token({ ...HEADER, b64: true })],
    ['no kid', token({ alg: 'RS256' })],
    ['an empty kid', token({ alg: 'RS256', kid: '' })],
    ['a kid that is a number', token({ alg: 'RS256', kid: 1 })],
    ['a text that is too long', token(HEADER, { a: 'x'.repeat(MAX_TOKEN_LENGTH) })],
  ])('refuses %s', (_, text) => {
    expect(() => decode(text)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });

  it('refuses a character beyond ASCII wherever it stands, also one whose last byte is the right one', () => {
    const good = token();
    const decoder = new CompactJwsDecoder();
    decoder.remember(decoder.decode(good));
    for (const shift of [0x80, 0x100, 0x400, 0xff00]) {
      for (let index = 0; index < good.length; index += 3) {
        const other = String.fromCharCode(good.charCodeAt(index) + shift);
        const text = good.slice(0, index) + other + good.slice(index + 1);
        expect(() => decoder.decode(text)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
      }
    }
  });

  it.each(['none', 'None', 'HS256', 'RS384', 'PS256', 'ES256', 'rs256', 'RS256 ', '', 256, null, undefined])(
    'refuses the algorithm %s',
    (alg) => {
      expect(() => decode(token({ ...HEADER, alg }))).toThrow(
        expect.objectContaining({ code: 'ERR_ALGORITHM_NOT_ALLOWED' }),
      );
    },
  );

  it.each([undefined, null, '', ' \n'])('finds no token in %j', (value) => {
    expect(() => decode(value as string)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MISSING' }));
  });

  it.each([1, {}, [], Buffer.from('a.b.c')])('refuses what is no text: %s', (value) => {
    expect(() => decode(value as string)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });

  it('keeps nothing of the token in the error', () => {
    const secret = 'secret-of-the-user';
    try {
      decode(token(HEADER, `{"a":"${secret}`));
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain(secret);
    }
  });
});

describe('the alphabet', () => {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const isCanonical = (segment: string) =>
    segment !== '' && Buffer.from(segment, 'base64url').toString('base64url') === segment;
  const isAccepted = (segment: string) => {
    try {
      return decode(`${encode(HEADER)}.${encode({ iss: 'x' })}.${segment}`).inputLength > 0;
    } catch {
      return false;
    }
  };

  it('accepts exactly the texts that encoding their bytes gives again', () => {
    const foreign = fc.constantFrom(...'= \t\n\r\0.,:~@[`{!$"\x7f');
    const own = fc.constantFrom(...ALPHABET);
    const texts = fc.string({ unit: fc.oneof({ weight: 30, arbitrary: own }, foreign), maxLength: 24 });
    const seen = { true: 0, false: 0 };
    const property = fc.property(texts, (segment) => {
      seen[`${isCanonical(segment)}`] += 1;
      expect(isAccepted(segment)).toBe(isCanonical(segment));
    });
    fc.assert(property, { numRuns: 20_000 });
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(1_000);
  });

  it('accepts no spare bits, whatever the last characters', () => {
    for (const first of ALPHABET) {
      for (const last of ALPHABET) {
        for (const segment of [first + last, `A${first}${last}`, `AA${first}${last}`, `AAA${first}${last}`]) {
          expect(isAccepted(segment)).toBe(isCanonical(segment));
        }
      }
    }
  });
});

describe('isSignedWith', () => {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [own, other] = [pair(), pair()];
  const key = createPublicKey(own.privateKey);
  const signed = (payload: unknown, by = own) => {
    const input = `${encode(HEADER)}.${encode(payload)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), by.privateKey).toString('base64url')}`;
  };

  it('accepts what this key signed, and nothing else', () => {
    const good = signed({ sub: 'a' });
    const [header, , signature] = good.split('.');
    expect(isSignedWith(key, decode(good))).toBe(true);
    expect(isSignedWith(key, decode(signed({ sub: 'a' }, other)))).toBe(false);
    expect(isSignedWith(key, decode(`${header}.${encode({ sub: 'b' })}.${signature}`))).toBe(false);
    expect(isSignedWith(key, decode(token(HEADER, { sub: 'a' }, 'AAAA')))).toBe(false);
  });

  it('speaks of the token it is asked about, however many were decoded, refused or checked since', () => {
    const decoder = new CompactJwsDecoder();
    const good = decoder.decode(signed({ sub: 'a' }));
    const forged = decoder.decode(signed({ sub: 'admin' }, other));
    const short = decoder.decode(token(HEADER, { sub: 'admin' }, 'AAAA'));
    const between: (() => unknown)[] = [
      () => decoder.decode(good.token),
      () => decoder.decode(forged.token),
      () => decoder.decode(short.token),
      () => decoder.remember(good),
      () => detached(forged.token),
      () => isSignedWith(key, good),
      () => isSignedWith(key, short),
      () => expect(() => decoder.decode(`${forged.token}=`)).toThrow(),
      () => expect(() => decoder.decode('a.b')).toThrow(),
    ];
    const orders = fc.array(fc.constantFrom(...between), { maxLength: 4 });
    const property = fc.property(orders, (order) => {
      for (const [jws, verdict] of [[good, true] as const, [forged, false] as const, [short, false] as const]) {
        for (const one of order) one();
        expect(isSignedWith(key, jws)).toBe(verdict);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('detached', () => {
  it('is the same text', () => {
    for (const text of ['', 'a', token(), 'x'.repeat(MAX_TOKEN_LENGTH)]) expect(detached(text)).toBe(text);
  });
});

describe('remember', () => {
  it('does not let a remembered header change what another token says', () => {
    const decoder = new CompactJwsDecoder();
    decoder.remember(decoder.decode(token()));
    expect(decoder.decode(token({ ...HEADER, kid: 'k2' })).header.kid).toBe('k2');
    expect(() => decoder.decode(token({ ...HEADER, alg: 'none' }))).toThrow();
  });

  it('stays bounded and right however many headers there were', () => {
    const decoder = new CompactJwsDecoder();
    for (let index = 0; index < 1_000; index++) {
      const text = token({ ...HEADER, kid: `k${index}` });
      decoder.remember(decoder.decode(text));
      expect(decoder.decode(text).header.kid).toBe(`k${index}`);
    }
  });

  it('reads a header once, as long as there are no more than 64', () => {
    const decoder = new CompactJwsDecoder();
    const texts = Array.from({ length: 65 }, (_, index) => token({ ...HEADER, kid: `k${index}` }));
    const headers = texts.slice(0, 64).map((text) => {
      const first = decoder.decode(text);
      expect(decoder.decode(text).header).not.toBe(first.header);
      for (let times = 0; times < 3; times++) decoder.remember(first);
      return first.header;
    });
    expect(texts.slice(0, 64).map((text) => decoder.decode(text).header)).toEqual(headers);
    for (const [index, header] of headers.entries()) expect(decoder.decode(texts[index]!).header).toBe(header);
    const last = decoder.decode(texts[64]!);
    decoder.remember(last);
    expect(decoder.decode(texts[64]!).header).toBe(last.header);
    expect(decoder.decode(texts[0]!).header).not.toBe(headers[0]);
    // The same header before another payload, and what only begins as it does.
    expect(decoder.decode(token({ ...HEADER, kid: 'k64' }, { iss: 'y' })).header).toBe(last.header);
    expect(decoder.decode(token({ ...HEADER, kid: 'k6' })).header.kid).toBe('k6');
  });
});
