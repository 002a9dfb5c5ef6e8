import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { blockOf } from './samples.js';
import { PYTHON } from './tools.js';

/** A pool whose keys are served on loopback. */
interface ServedPool {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly jwksUri: string;
}

export interface RecipeOptions {
  readonly legacyPool: ServedPool;
  readonly newPool: ServedPool;
  /** Seconds since the epoch, for a clock that stands still. Default: the system's clock. */
  readonly now?: number;
}

/** What the recipe answers: a user id, or the HTTP status of its refusal. A `fault` is an exception that it does not name. */
export type RecipeAnswer = { readonly userId: string } | { readonly status: number } | { readonly fault: string };

export interface Recipe {
  answer(token: unknown, tokenUse?: 'access' | 'id'): Promise<RecipeAnswer>;
  /** Lets time pass. */
  advance(seconds: number): Promise<void>;
  /** Sets `closes_at` of the legacy pool, in seconds since the epoch; `null` leaves the pool open. */
  closeLegacyPool(at: number | null): Promise<void>;
  close(): Promise<void>;
}

const DRIVER = `
import json, sys, time, datetime
import jwt.api_jwt
import cutover_auth as recipe

options = json.loads(sys.stdin.readline())
recipe.LEGACY.jwks_uri, recipe.NEW.jwks_uri = options["jwks"]
passed, wall, mono = 0, time.time, time.monotonic
time.time = lambda: (options["now"] or wall()) + passed
time.monotonic = lambda: mono() + passed

class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

jwt.api_jwt.datetime = Clock
for line in sys.stdin:
    request, answer = json.loads(line), {}
    passed += request.get("advance", 0)
    if "closesAt" in request:
        recipe.LEGACY.closes_at = request["closesAt"]
    if "use" in request:
        recipe.TOKEN_USE, recipe.CLAIM = request["use"]
        try:
            answer = {"userId": recipe.user_id_of(request.get("token"))}
        except recipe.Refused as refused:
            answer = {"status": refused.status}
        except Exception as fault:
            answer = {"fault": repr(fault)}
    print(json.dumps(answer), flush=True)
`;

/** The ids that the page's sample names, in the order in which they stand there. */
const POOL = /Pool\("([^"]+)", \["([^"]+)"\]/g;

/** Starts the recipe of docs/other-languages.md in a Python process, for these pools instead of those that the page names. */
export async function startRecipe({ legacyPool, newPool, now }: RecipeOptions): Promise<Recipe> {
  const pools = [legacyPool, newPool];
  const code = blockOf('docs/other-languages.md', 'python', 'def user_id_of').replace(POOL, () => {
    const { userPoolId, clientId } = pools.shift() as ServedPool;
    return `Pool("${userPoolId}", ["${clientId}"]`;
  });
  if (pools.length > 0) throw new Error('the recipe does not name two pools');
  const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
  writeFileSync(join(folder, 'cutover_auth.py'), code);
  writeFileSync(join(folder, 'driver.py'), DRIVER);
  const python = spawn(PYTHON, ['driver.py'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const say = (message: object) => python.stdin.write(`${JSON.stringify(message)}\n`);
  const ask = async (request: object): Promise<RecipeAnswer> => {
    say(request);
    const { value } = await lines.next();
    return JSON.parse(value ?? '{"fault":"the process has ended"}') as RecipeAnswer;
  };
  say({ jwks: [legacyPool.jwksUri, newPool.jwksUri], now: now ?? null });
  return {
    answer: (token, tokenUse = 'access') =>
      ask({ token, use: tokenUse === 'access' ? ['access', 'legacy_sub'] : ['id', 'custom:legacy_sub'] }),
    advance: async (seconds) => void (await ask({ advance: seconds })),
    closeLegacyPool: async (at) => void (await ask({ closesAt: at })),
    close: async () => {
      const ended = once(python, 'exit');
      python.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
