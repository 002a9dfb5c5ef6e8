import { randomBytes } from 'node:crypto';
import type { Random } from '../support/cognito-simulator/random.js';
import type { Credential, Kind, Side } from './soak-model.js';

/** Of a kind and pool at once. More replaces the oldest. */
const MOST: Partial<Record<Kind, number>> = { cold: 3_000, hot: 120, unmapped: 600 };
const MOST_OF_OTHERS = 60;

/** How often each kind is asked for, of a hundred requests. */
const MIX: readonly (readonly [Kind | 'withdrawn', number])[] = [
  ['hot', 45],
  ['cold', 22],
  ['unmapped', 8],
  ['machine', 4],
  ['short', 4],
  ['expired', 3],
  ['revoked', 3],
  ['tampered', 2],
  ['withdrawn', 2],
  ['unknown-kid', 2],
  ['foreign', 1],
  ['garbage', 1],
  ['missing', 2],
  ['repeated', 1],
];
/** Each as often as it is asked for. */
const KINDS = MIX.flatMap(([kind, times]) => Array.from({ length: times }, () => kind));

const text = (bytes: number) => randomBytes(bytes).toString('base64url');
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The credentials of the present moment, and those that need no signature. */
export class Stock {
  readonly #issuers: Readonly<Record<Side, string>>;
  readonly #random: Random;
  readonly #kept = new Map<string, Credential[]>();
  readonly #at = new Map<string, number>();

  constructor(issuers: Readonly<Record<Side, string>>, random: Random) {
    this.#issuers = issuers;
    this.#random = random;
  }

  add(credentials: readonly Credential[]): void {
    for (const one of credentials) this.#keep(`${one.side} ${one.kind}`, one, MOST[one.kind] ?? MOST_OF_OTHERS);
  }

  /** Keeps some of the tokens of a withdrawn generation, to see that they are refused from now on. */
  withdraw(side: Side, below: number): void {
    for (const [name, kept] of [...this.#kept]) {
      if (!name.startsWith(side) || name.endsWith('withdrawn')) continue;
      const [gone, left] = [kept.filter((one) => isBelow(one, below)), kept.filter((one) => !isBelow(one, below))];
      for (const one of gone.slice(0, 5)) this.#keep(`${side} withdrawn`, one, MOST_OF_OTHERS);
      this.#kept.set(name, left);
    }
  }

  next(): Credential {
    const kind = KINDS[Math.floor(this.#random() * KINDS.length)] ?? 'hot';
    const side = this.#random() < 0.5 || kind === 'unmapped' ? 'new' : 'legacy';
    return this.#made(kind, side) ?? this.#taken(side, kind) ?? { kind: 'missing', authorization: [] };
  }

  #made(kind: Kind | 'withdrawn', side: Side): Credential | undefined {
    if (kind === 'missing') return { kind, authorization: this.#random() < 0.5 ? [] : ['Basic YTpi'] };
    if (kind === 'garbage') return { kind, authorization: [`Bearer ${text(30)}.${text(200)}.${text(256)}`] };
    if (kind === 'unknown-kid' || kind === 'foreign') {
      const iss = kind === 'foreign' ? `https://${text(9)}.example.com/${text(9)}` : this.#issuers[side];
      const token = `${part({ kid: text(32), alg: 'RS256' })}.${part({ iss, sub: text(9) })}.${text(256)}`;
      return { kind, side, authorization: [`Bearer ${token}`] };
    }
    if (kind === 'repeated') {
      const value = this.#taken(side, 'hot')?.authorization[0] ?? 'Bearer a';
      return { kind, authorization: [value, value] };
    }
    if (kind === 'tampered') {
      const whole = this.#taken(side, 'cold');
      if (whole === undefined) return undefined;
      const value = whole.authorization[0] ?? '';
      const at = value.length - 100;
      const other = value[at] === 'A' ? 'B' : 'A';
      return { ...whole, kind, authorization: [value.slice(0, at) + other + value.slice(at + 1)] };
    }
    return undefined;
  }

  /** One after the other, so that every cold token waits as long as possible before it comes again. */
  #taken(side: Side, kind: Kind | 'withdrawn'): Credential | undefined {
    const name = `${side} ${kind}`;
    const kept = this.#kept.get(name);
    if (kept === undefined || kept.length === 0) return undefined;
    const at = (this.#at.get(name) ?? -1) + 1;
    this.#at.set(name, at);
    return kept[at % kept.length];
  }

  #keep(name: string, one: Credential, most: number): void {
    const kept = this.#kept.get(name) ?? [];
    kept.push(one);
    if (kept.length > most) kept.shift();
    this.#kept.set(name, kept);
  }
}

const isBelow = ({ generation = 0 }: Credential, below: number) => generation < below;
