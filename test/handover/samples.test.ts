import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HandoverError, type HandoverErrorCode } from '../../src/handover/hand-over.js';
import type { TestPools } from '../../src/testing/index.js';
import { run, sampleOf } from '../support/samples.js';
import { stage } from './support.js';

const PAGE = 'docs/session-handover.md';
const page = readFileSync(new URL(`../../${PAGE}`, import.meta.url), 'utf8');

type Answer = Record<string, Record<string, string> & string>;

/** A store as `expo-secure-store` is one. */
function memory(values: Record<string, string>) {
  return {
    values,
    getItemAsync: async (name: string) => values[name] ?? null,
    setItemAsync: async (name: string, value: string) => void Object.assign(values, { [name]: value }),
    deleteItemAsync: async (name: string) => void Reflect.deleteProperty(values, name),
  };
}

describe('the app of docs/session-handover.md', () => {
  type App = { moveSession(store: ReturnType<typeof memory>): Promise<string> };
  const appAt = async ({ options }: Pick<Awaited<ReturnType<typeof stage>>, 'options'>) => {
    const { newPool, legacyPool } = options;
    const pools = { newPool: { options: newPool }, legacyPool: { options: legacyPool } } as unknown as TestPools;
    return run<App>(sampleOf(PAGE, 'moveSession(store', pools));
  };

  it.each([false, true])(
    'moves its session at the start, once, and keeps one of the two (rotating: %s)',
    async (rotating) => {
      const staged = await stage({ rotating });
      const { moveSession } = await appAt(staged);
      const store = memory({ 'legacy.refreshToken': staged.refreshToken, username: 'anna' });
      staged.simulator.faults.set([{ kind: 'drop-after', operations: ['RespondToAuthChallenge'], times: 1 }]);
      expect(await moveSession(store)).toBe('stay');
      expect(store.values['legacy.refreshToken'] === staged.refreshToken).toBe(!rotating);
      expect(await moveSession(store)).toBe('moved');
      expect(store.values).toEqual({ username: 'anna', refreshToken: expect.stringMatching(/^sim-refresh/) });
      expect(await staged.isLegacyAlive()).toBe(false);
      expect(await moveSession(store)).toBe('stay');
    },
  );

  it('keeps the new session where it was ended after that was stored, whatever became of the old one', async () => {
    const staged = await stage();
    const { moveSession } = await appAt(staged);
    await staged.simulator.handle('RevokeToken', { ClientId: 'old', Token: staged.refreshToken });
    const store = memory({ 'legacy.refreshToken': staged.refreshToken, refreshToken: 'new', username: 'anna' });
    expect(await moveSession(store)).toBe('moved');
    expect(store.values).toEqual({ username: 'anna', refreshToken: 'new' });
  });

  it('shows the sign-in once the legacy session has ended', async () => {
    const staged = await stage();
    const { moveSession } = await appAt(staged);
    await staged.simulator.handle('RevokeToken', { ClientId: 'old', Token: staged.refreshToken });
    const store = memory({ 'legacy.refreshToken': staged.refreshToken, username: 'anna' });
    expect(await moveSession(store)).toBe('sign-in');
    expect(store.values).toEqual({ username: 'anna' });
  });
});

describe('the requests of docs/session-handover.md', () => {
  const bodies = [...page.matchAll(/^ *```json\n(.*?)^ *```/gms)].map(([, body = '']) => body);

  it('hand a session over, in the order of the page, and revoke the old one', async () => {
    const { simulator, refreshToken, isLegacyAlive } = await stage();
    const words: Record<string, string> = {
      'legacy client': 'old',
      'new client': 'app',
      'legacy refresh token': refreshToken,
      username: 'anna',
    };
    const send = async (operation: string, body = ''): Promise<Answer> => {
      const response = await fetch(simulator.endpoint, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/x-amz-json-1.1',
          'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`,
        },
        body: body.replaceAll(/<([^>]+)>/g, (_, word: string) => words[word] ?? expect.fail(word)),
      });
      expect(response.status).toBe(200);
      return response.json() as Promise<Answer>;
    };
    const [refresh, ask, respond, revoke] = bodies;
    expect(bodies).toHaveLength(4);
    const fresh = await send('GetTokensFromRefreshToken', refresh);
    words['legacy access token'] = fresh['AuthenticationResult']?.['AccessToken'] ?? '';
    const asked = await send('InitiateAuth', ask);
    expect([asked['ChallengeName'], asked['ChallengeParameters']?.['kind']]).toEqual([
      'CUSTOM_CHALLENGE',
      'legacy-session',
    ]);
    words['Session of the answer'] = `${asked['Session']}`;
    words['username of the answer'] = asked['ChallengeParameters']?.['USERNAME'] ?? '';
    expect(await send('RespondToAuthChallenge', respond)).toHaveProperty('AuthenticationResult.RefreshToken');
    await send('RevokeToken', revoke);
    expect(await isLegacyAlive()).toBe(false);
  });

  it.each(['swift', 'kotlin'])('are those of the %s sample', (language) => {
    const [code = ''] = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
      ([, found]) => found,
    );
    const names = bodies.flatMap((body) => [...body.matchAll(/"(\w+)":/g)].map(([, name]) => name));
    const said = [
      'GetTokensFromRefreshToken',
      'InitiateAuth',
      'RespondToAuthChallenge',
      'RevokeToken',
      'legacy-session',
    ];
    expect([...names, ...said].filter((name) => !code.includes(`"${name}"`))).toEqual([]);
  });
});

it('docs/session-handover.md has a section for every code, where help leads', () => {
  const all: readonly HandoverErrorCode[] = [
    'ERR_HANDOVER_REFUSED',
    'ERR_HANDOVER_UNAVAILABLE',
    'ERR_HANDOVER_CHALLENGE',
    'ERR_HANDOVER_NOT_ENABLED',
    'ERR_LEGACY_SESSION_ENDED',
  ];
  expect([...page.matchAll(/^### (ERR_\w+)$/gm)].map(([, code]) => code)).toEqual(all);
  for (const code of all) {
    expect(new HandoverError(code).help).toMatch(new RegExp(`/${PAGE}#${code.toLowerCase()}$`));
    expect(page).toContain(`[\`${code}\`](#${code.toLowerCase()})`);
  }
});
