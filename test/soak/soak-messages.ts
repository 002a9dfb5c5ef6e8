import type { Credential, Kind, Side, Uncertainty } from './soak-model.js';

/** What the load generator is started with. */
export interface LoadStart {
  readonly seed: number;
  /** To each server. */
  readonly connections: number;
  readonly maxRequests: number;
  readonly issuers: Readonly<Record<Side, string>>;
  readonly servers: readonly {
    readonly name: string;
    readonly port: number;
    readonly isControl: boolean;
    readonly hasResolver: boolean;
  }[];
}

/** What it is told afterwards. It answers each with its report, under the same `id`. */
export type ToLoad = { readonly id: number } & (
  | { readonly add: readonly Credential[] }
  | { readonly go: true }
  | { readonly begin: Uncertainty }
  | { readonly end: Uncertainty; readonly graceMs: number }
  | { readonly withdraw: Side; readonly below: number }
  | { readonly report: true }
  | { readonly stop: true }
);

interface Latency {
  readonly count: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface LoadReport {
  readonly requests: number;
  readonly unexpectedCount: number;
  readonly unexpected: readonly {
    /** Since the load began. */
    readonly second: number;
    readonly server: string;
    readonly kind: Kind;
    readonly side: Side | undefined;
    readonly generation: number | undefined;
    readonly answer: unknown;
    readonly right: unknown;
  }[];
  readonly answers: Readonly<Record<string, number>>;
  readonly latencies: readonly { readonly name: string; readonly hot: Latency; readonly all: Latency }[];
}
