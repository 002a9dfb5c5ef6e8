import { describe, expect, it } from 'vitest';
import {
  currentFlows,
  isAdminOnly,
  isMachineClient,
  pairClients,
  sendsPassword,
} from '../../../src/assess/facts/app-clients.js';
import { client } from '../pools.js';

const [REFRESH, SRP, CUSTOM] = ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'];

describe('the flows of an app client', () => {
  it.each([
    [['ADMIN_NO_SRP_AUTH'], ['ALLOW_ADMIN_USER_PASSWORD_AUTH', REFRESH, SRP, CUSTOM]],
    [['USER_PASSWORD_AUTH'], ['ALLOW_USER_PASSWORD_AUTH', REFRESH, SRP, CUSTOM]],
    [['CUSTOM_AUTH_FLOW_ONLY'], [CUSTOM, REFRESH]],
    [['ALLOW_USER_AUTH'], ['ALLOW_USER_AUTH']],
  ])('%j are %j under their new names', (authFlows, expected) => {
    expect(currentFlows(client({ authFlows }))).toEqual(expected);
  });

  it('have no refresh flow where refresh tokens rotate', () => {
    expect(currentFlows(client({ authFlows: [SRP, REFRESH], refreshTokenRotation: true }))).toEqual([SRP]);
  });
});

describe('a client', () => {
  it.each([
    [[], false],
    [['client_credentials'], true],
    [['client_credentials', 'code'], false],
  ])('with the OAuth flows %j is a machine’s: %s', (oauthFlows, expected) => {
    expect(isMachineClient(client({ oauthFlows }))).toBe(expected);
  });

  it.each([
    [['code'], [SRP], true],
    [[], [SRP, REFRESH], false],
    [[], ['ALLOW_USER_PASSWORD_AUTH'], true],
    [[], ['ADMIN_NO_SRP_AUTH'], true],
  ])('with the OAuth flows %j and the flows %j sends passwords to Cognito: %s', (oauthFlows, authFlows, expected) => {
    expect(sendsPassword(client({ oauthFlows, authFlows }))).toBe(expected);
  });

  it.each([
    [[], ['ALLOW_ADMIN_USER_PASSWORD_AUTH', REFRESH], true],
    [[], ['ALLOW_ADMIN_USER_PASSWORD_AUTH', SRP], false],
    [['code'], ['ALLOW_ADMIN_USER_PASSWORD_AUTH'], false],
  ])('with the OAuth flows %j and the flows %j is for admin calls alone: %s', (oauthFlows, authFlows, expected) => {
    expect(isAdminOnly(client({ oauthFlows, authFlows }))).toBe(expected);
  });
});

describe('clients of two pools', () => {
  const named = (name: string, id: string, dynamic = false) => client({ name, id, dynamic });

  it('are one application where the name is unique in both pools', () => {
    const jobs = [named('job', 'j1'), named('job', 'j2')];
    const legacy = [named('web', 'w'), ...jobs, named('own', 'o'), named('agent', 'a', true)];
    const { pairs, unpaired } = pairClients(legacy, [named('web', 'W'), named('job', 'J'), named('agent', 'A')]);
    expect(pairs.map((pair) => [pair.legacy.id, pair.new.id])).toEqual([['w', 'W']]);
    expect(unpaired.map(({ id }) => id)).toEqual(['j1', 'j2', 'o']);
  });

  it('are never paired with one that an application registered, or one of two', () => {
    const newClients = [named('web', 'W', true), named('ios', 'I'), named('ios', 'I2')];
    expect(pairClients([named('web', 'w'), named('ios', 'i')], newClients).pairs).toEqual([]);
  });
});
