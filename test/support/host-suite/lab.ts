import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Answer,
  type Ask,
  type GuardName,
  type HostParts,
  type Options,
  type Served,
  type Shown,
  type Step,
  stranger,
  verifierBy,
} from '../host-kit.js';

export const auth = (options: Options = {}): Step => ({ auth: { verifier: verifierBy(), ...options } });
export const optional = (options: Options = {}): Step => auth({ credentialsRequired: false, ...options });
export const observe = (options: Options = {}): Step => auth({ mode: 'observe', ...options });
export const guard = (name: GuardName, ...args: string[]): Step => ({ guard: name, args });
export const forgiven = (step: Step): Step => ({ forgiven: step });
export const tokenIs = (token: string | undefined): Options => ({ getToken: () => token });
export const write: Step = { write: stranger };

export const invalid = /^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/;
export const challengeOf = ({ headers }: Pick<Answer, 'headers'>) => headers['www-authenticate'];

/** One server of a framework for all cases of the suite, with a route for each. */
export function labOf(host: HostParts) {
  const routes = new Map<string, readonly Step[]>();
  const route = (...steps: readonly Step[]): string => {
    const path = `/route${routes.size}`;
    routes.set(path, steps);
    return path;
  };
  let served: Served;
  beforeAll(async () => {
    served = await host.serve(routes);
  });
  afterAll(() => served.close());
  const ask = (path: string, token?: string, more: Ask = {}) =>
    served.ask(path, { ...(token !== undefined && { token }), ...more });
  const statusOf = async (...given: Parameters<typeof ask>) => (await ask(...given)).status;
  const show = async (...given: Parameters<typeof ask>): Promise<Shown> => {
    const { status, text } = await ask(...given);
    expect([status, text]).toEqual([200, text]);
    return JSON.parse(text) as Shown;
  };
  /** The answer of the application's own error handler. */
  const owned = async (path: string, token?: string, more: Ask = {}) => {
    const answer = await ask(path, token, { ...more, isOwn: true });
    return { ...answer, body: JSON.parse(answer.text) as { code: string | null; message: string | null } };
  };
  const portOf = () => served.port;
  /** A case for the frameworks that have it. */
  const unless =
    (lack: 'form' | 'fix' | 'uncalled' | 'abort') =>
    (name: string, test: () => unknown): void => {
      if (host.lacks?.includes(lack) !== true) it(name, async () => void (await test()));
    };
  return { route, ask, statusOf, show, owned, portOf, unless };
}

export type Lab = ReturnType<typeof labOf>;
