import { constants, createHmac, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CutoverError } from '../../src/index.js';
import {
  accessClaims,
  foreignKey,
  goodHeader,
  goodPayload,
  goodSignature,
  goodToken,
  header,
  judgeToken as judge,
  newKey,
  refused,
  targetVerifier,
  withHeader,
  withPayload,
} from '../support/attack-target.js';
import { type IssuerKey, issuerKey, part, signToken } from '../support/issuer.js';
import { verdict, verdictSync } from '../support/outcome.js';

const MALFORMED = 'ERR_TOKEN_MALFORMED';
const ALGORITHM = 'ERR_ALGORITHM_NOT_ALLOWED';
const KEY = 'ERR_KEY_NOT_FOUND';
const SIGNATURE = 'ERR_SIGNATURE_INVALID';

const flip = (text: string, at: number) => {
  const index = at < 0 ? text.length + at : at;
  return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
};

describe('the algorithm', () => {
  const names = ['none', 'None', 'NONE', 'nOnE', '', 'rs256', 'RS256 ', ' RS256', 'RS256\u0000', 'RS384', 'RS512'];
  const others = ['PS256', 'ES256', 'HS256', 'EdDSA', 'RSA-SHA256', 'RS256,none', 'constructor', '__proto__'];
  const oddities = [null, 256, true, ['RS256'], { RS256: 'RS256' }, undefined];
  it.each([...names, ...others, ...oddities])('%j is refused under a right RS256 signature', async (alg) => {
    expect(await judge(withHeader({ ...header(), alg }))).toBe(ALGORITHM);
  });

  const publicForms: Readonly<Record<string, string | Buffer>> = {
    'PEM (SPKI)': newKey.publicKey.export({ type: 'spki', format: 'pem' }),
    'PEM (PKCS #1)': newKey.publicKey.export({ type: 'pkcs1', format: 'pem' }),
    'DER (SPKI)': newKey.publicKey.export({ type: 'spki', format: 'der' }),
    'the modulus': newKey.jwk.n as string,
    'the JWK': JSON.stringify(newKey.jwk),
    'an empty key': '',
  };
  for (const [name, secret] of Object.entries(publicForms)) {
    const mac = (alg: string) => {
      const input = `${part({ ...header(), alg })}.${goodPayload}`;
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    refused(ALGORITHM, { [`HS256 with the public key as secret: ${name}`]: mac('HS256') });
    refused(SIGNATURE, { [`an HMAC that calls itself RS256: ${name}`]: mac('RS256') });
  }

  refused(MALFORMED, { 'none without a signature': `${part({ alg: 'none' })}.${goodPayload}.` });

  const signedWith = (digest: string, key: KeyObject, options: object = {}) => {
    const input = `${goodHeader}.${goodPayload}`;
    return `${input}.${sign(digest, Buffer.from(input), { key, ...options }).toString('base64url')}`;
  };
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  refused(SIGNATURE, {
    'RSA with SHA-1': signedWith('RSA-SHA1', newKey.privateKey),
    'RSA with SHA-512': signedWith('RSA-SHA512', newKey.privateKey),
    'RSA-PSS': signedWith('RSA-SHA256', newKey.privateKey, pss),
    'RSA with SHA-256 and a foreign key': signedWith('RSA-SHA256', foreignKey.privateKey),
  });
});

describe('keys that the token brings along', () => {
  const jwks = { keys: [foreignKey.jwk] };
  const brought: Readonly<Record<string, object>> = {
    jwk: { jwk: foreignKey.jwk },
    jku: { jku: 'https://evil.example/jwks.json' },
    'jku as data': { jku: `data:application/json,${JSON.stringify(jwks)}` },
    x5u: { x5u: 'https://evil.example/cert.pem' },
    x5c: { x5c: [foreignKey.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
    'jwks in the header': { jwks },
  };
  for (const [name, extra] of Object.entries(brought)) {
    refused(KEY, {
      [`${name}, under its kid`]: withHeader({ alg: 'RS256', kid: foreignKey.kid, ...extra }, foreignKey),
    });
    refused(SIGNATURE, { [`${name}, under the pool's kid`]: withHeader({ ...header(), ...extra }, foreignKey) });
  }

  it('are not even fetched', async () => {
    const asked: string[] = [];
    const fetch = async (uri: string) => {
      asked.push(uri);
      return { status: 200, text: async () => JSON.stringify({ keys: [newKey.jwk] }) };
    };
    const newPool = { userPoolId: 'eu-west-1_New000000', clientIds: ['newclient'] };
    const verifier = targetVerifier({ newPool, keys: { fetch } });
    for (const extra of Object.values(brought))
      await verdict(verifier, withHeader({ ...header(), ...extra }, foreignKey));
    const address = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_New000000/.well-known/jwks.json';
    expect(asked).toEqual([address]);
  });
});

describe('the kid', () => {
  it.each([undefined, null, 0, 1, true, {}, [], ['new-key'], ''])('%j is refused', async (kid) => {
    expect(await judge(withHeader({ alg: 'RS256', kid }))).toBe(MALFORMED);
  });

  const unknown = [
    'nobody',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'size',
    '0',
    'NEW-KEY',
    'new-key ',
  ];
  const tricks = [
    'new-key\u0000',
    'new\u2010key',
    '../../../../dev/null',
    "' OR '1'='1",
    'https://evil.example',
    '\ud800',
  ];
  it.each([...unknown, ...tricks, 'k'.repeat(8_000)])('%j names no key', async (kid) => {
    expect(await judge(withHeader({ alg: 'RS256', kid }))).toBe(KEY);
  });
});

describe('JWS extensions', () => {
  const crits = [['exp'], [], ['b64'], ['alg', 'kid'], null, 'exp', true, {}];
  it.each(crits)('crit %j is refused', async (crit) => {
    expect(await judge(withHeader({ ...header(), crit, exp: 1 }))).toBe(MALFORMED);
  });
  it.each([true, false, null, 'false'])('b64 %j is refused', async (b64) => {
    expect(await judge(withHeader({ ...header(), b64 }))).toBe(MALFORMED);
    expect(await judge(withHeader({ ...header(), b64, crit: ['b64'] }))).toBe(MALFORMED);
  });
});

describe('keys and names in the header', () => {
  refused(ALGORITHM, {
    'algorithm by prototype': withHeader(`{"kid":"new-key","__proto__":{"alg":"RS256"}}`),
    'the last of two algorithms counts': withHeader(`{"kid":"new-key","alg":"RS256","alg":"none"}`),
    'algorithm in another case': withHeader(`{"kid":"new-key","ALG":"RS256"}`),
  });
  refused(MALFORMED, {
    'kid by prototype': withHeader(`{"alg":"RS256","__proto__":{"kid":"new-key"}}`),
    'the last of two kids counts': withHeader(`{"kid":"new-key","alg":"RS256","kid":1}`),
  });
});

describe('the signature', () => {
  const other = signToken(header(), { ...accessClaims, sub: 'somebody-else' }, newKey).split('.') as [
    string,
    string,
    string,
  ];
  const raw = Buffer.from(goodSignature, 'base64url');
  const with_ = (signature: Uint8Array) =>
    `${goodHeader}.${goodPayload}.${Buffer.from(signature).toString('base64url')}`;
  const bitFlipped = Buffer.from(raw);
  bitFlipped[128]! ^= 1;
  refused(SIGNATURE, {
    'of another token': `${goodHeader}.${goodPayload}.${other[2]}`,
    'before another payload': `${goodHeader}.${other[1]}.${goodSignature}`,
    'all zero': with_(Buffer.alloc(256)),
    'all ones': with_(Buffer.alloc(256, 0xff)),
    'one byte': with_(Buffer.of(1)),
    'one byte short': with_(raw.subarray(1)),
    'one byte long': with_(Buffer.concat([Buffer.of(0), raw])),
    'a byte behind': with_(Buffer.concat([raw, Buffer.of(0)])),
    twice: with_(Buffer.concat([raw, raw])),
    'one bit off': with_(bitFlipped),
    'another beginning, the same end': `${goodHeader}.${goodPayload}.${flip(goodSignature, 0)}`,
    'the digest instead': with_(sign('RSA-SHA256', Buffer.from('other text'), newKey.privateKey)),
  });

  it('no longer fits when any one character of a known token is changed', async () => {
    const verifier = targetVerifier();
    expect(await verdict(verifier, goodToken)).toBe('accepted');
    const survivors: number[] = [];
    for (let at = 0; at < goodToken.length; at += 1) {
      if (verdictSync(verifier, flip(goodToken, at)) === 'accepted') survivors.push(at);
    }
    expect(survivors).toEqual([]);
    expect(await verdict(verifier, goodToken)).toBe('accepted');
  });

  it('no longer fits when a known token is cut short anywhere', async () => {
    const verifier = targetVerifier();
    expect(await verdict(verifier, goodToken)).toBe('accepted');
    for (let length = 0; length < goodToken.length; length += 1) {
      expect(verdictSync(verifier, goodToken.slice(0, length))).not.toBe('accepted');
    }
  });
});

describe('key sets with keys that must not be used', () => {
  const odd: Readonly<Record<string, IssuerKey['jwk']>> = {
    'an RSA key of 1024 bits': issuerKey('odd', 1024).jwk,
    'a key for encryption': { ...foreignKey.jwk, kid: 'odd', use: 'enc' },
    'a key for another algorithm': { ...foreignKey.jwk, kid: 'odd', alg: 'RS512' },
    'a key for signing only': { ...foreignKey.jwk, kid: 'odd', key_ops: ['sign'] },
    'a symmetric key': { kty: 'oct', k: Buffer.from('secret').toString('base64url'), kid: 'odd' },
  };
  it.each(Object.entries(odd))('%s signs nothing, the others continue', async (_, jwk) => {
    const newPool = {
      userPoolId: 'eu-west-1_New000000',
      clientIds: ['newclient'],
      jwks: { keys: [jwk, newKey.jwk] },
    };
    const verifier = targetVerifier({ newPool });
    expect(await verdict(verifier, goodToken)).toBe('accepted');
    const weak = issuerKey('odd', 1024);
    for (const key of [foreignKey, weak]) {
      expect(await verdict(verifier, withHeader({ kid: 'odd', alg: 'RS256' }, key))).toBe(KEY);
    }
  });
});

it('a refusal says nothing of what the token says', async () => {
  const marked = [
    withHeader({ ...header(), alg: 'EVIL-MARK' }),
    withHeader({ ...header(), kid: 'EVIL-MARK' }),
    withHeader('{"EVIL-MARK'),
    withPayload('{"EVIL-MARK'),
    ...['iss', 'sub', 'exp', 'token_use', 'client_id', 'legacy_sub', 'scope'].flatMap((claim) =>
      ['EVIL-MARK', ['EVIL-MARK']].map((value) => withPayload({ ...accessClaims, [claim]: value })),
    ),
  ];
  for (const token of marked) {
    const error = await targetVerifier()
      .verify(token)
      .then(
        () => undefined,
        (reason: CutoverError) => reason,
      );
    if (error === undefined) continue;
    expect(`${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain('EVIL');
  }
});
