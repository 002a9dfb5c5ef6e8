import type { IssuerKey } from '../../support/issuer.js';
import { CANARY } from '../canary.js';

const PRIVATE = `<p>${CANARY.email} ${CANARY.token}</p>`;

/** Answers that are no good set, each in its own way. */
export function badAnswer(which: number, keys: readonly IssuerKey[]): () => unknown {
  const [a, b] = keys as [IssuerKey, IssuerKey];
  const body =
    (text: unknown, status: unknown = 200) =>
    () => ({ status, text: async () => text });
  const json = (value: unknown) => body(JSON.stringify(value));
  const never = () => new Promise<never>(() => {});
  const answers: (() => unknown)[] = [
    body(PRIVATE),
    body(`{"keys":[${JSON.stringify(a.jwk)}`),
    ...[
      {},
      [],
      null,
      5,
      'keys',
      { keys: {} },
      { keys: null },
      { keys: 'x' },
      { keys: [] },
      { keys: [null] },
      { keys: [[]] },
    ].map(json),
    json({ keys: [{}] }),
    json({ keys: [a.jwk, { ...b.jwk, kid: a.kid }] }),
    json({ keys: [a.jwk, { ...b.jwk, n: 7 }] }),
    json({ keys: [a.jwk, { ...b.jwk, kty: undefined }] }),
    json({ keys: [{ ...a.jwk, kid: undefined }] }),
    json({ keys: [{ ...a.jwk, kid: 7 }] }),
    json({ keys: [{ ...a.jwk, kid: '' }] }),
    json({ keys: [{ ...a.jwk, key_ops: ['sign'] }] }),
    json({ keys: [{ ...a.jwk, use: 'enc' }] }),
    json([a.jwk]),
    body(`\ufeff${JSON.stringify({ keys: [a.jwk] })}`),
    body(JSON.stringify({ keys: [a.jwk] }) + ' '.repeat(65_536)),
    body(JSON.stringify({ keys: Array.from({ length: 300 }, (_, n) => ({ ...a.jwk, kid: `x${n}` })) })),
    body(undefined),
    body(7),
    body({ keys: [a.jwk] }),
    body(Buffer.from(JSON.stringify({ keys: [a.jwk] }))),
    body(JSON.stringify({ keys: [a.jwk] }), '200'),
    () => ({ text: async () => JSON.stringify({ keys: [a.jwk] }) }),
    () => ({ status: 200, text: () => Promise.reject(new Error('cut off')) }),
    () => ({ status: 200, text: never }),
    () => ({ status: 200 }),
    () => undefined,
    () => null,
    never,
    () => Promise.reject(undefined),
    () => {
      throw new Error('refused at once');
    },
  ];
  return answers[which % answers.length] as () => unknown;
}
