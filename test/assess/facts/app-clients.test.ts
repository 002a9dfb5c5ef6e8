import { describe, expect, it } from 'vitest';
import { currentFlows } from '../../../src/assess/facts/app-clients.js';
import { flowsAdded } from '../../../src/assess/fix/changes.js';
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

describe('adding a flow', () => {
  it('puts no new name beside an old one', () => {
    const change = flowsAdded(client({ authFlows: ['ADMIN_NO_SRP_AUTH'] }), [SRP]);
    expect(change).toBe(
      `.ExplicitAuthFlows = ((.ExplicitAuthFlows // []) | map(select(startswith("ALLOW_"))) | . + (["ALLOW_ADMIN_USER_PASSWORD_AUTH","${REFRESH}","${SRP}","${CUSTOM}"] - .))`,
    );
  });

  it('keeps the default flows of a client that names none', () => {
    const change = flowsAdded(client({ authFlows: [REFRESH, SRP, CUSTOM] }), ['ALLOW_USER_AUTH']);
    expect(change).toContain(`if length == 0 then ["${REFRESH}","${SRP}","${CUSTOM}"] else . end`);
  });

  it('never adds the refresh flow beside refresh token rotation', () => {
    const change = flowsAdded(client({ authFlows: [SRP], refreshTokenRotation: true }), [REFRESH, 'ALLOW_USER_AUTH']);
    expect(change).not.toContain(REFRESH);
    expect(change).toContain('ALLOW_USER_AUTH');
  });
});
