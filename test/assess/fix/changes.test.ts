import { describe, expect, it } from 'vitest';
import {
  added,
  addedOr,
  atLeastPlan,
  flowsAdded,
  notWritable,
  setUnlessSet,
  writableToo,
} from '../../../src/assess/fix/changes.js';
import { HAS } from '../../support/tools.js';
import { client } from '../pools.js';
import { jq } from './jq.js';

const [REFRESH, SRP, CUSTOM] = ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'];

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

describe.skipIf(!HAS.jq)('a change, made', () => {
  it.each<[string, string, object, object]>([
    ['adds what a list lacks', added('.a', ['x', 'y']), { a: ['y'] }, { a: ['y', 'x'] }],
    ['begins a list', added('.a', ['x']), {}, { a: ['x'] }],
    ['adds to what an absent list stands for', addedOr('.a', ['x'], ['d']), {}, { a: ['d', 'x'] }],
    ['adds to the list alone where there is one', addedOr('.a', ['x'], ['d']), { a: ['y'] }, { a: ['y', 'x'] }],
    ['sets what is not set', setUnlessSet('.a', 1), {}, { a: 1 }],
    ['keeps what is set', setUnlessSet('.a', 1), { a: 2 }, { a: 2 }],
    ['raises a plan', atLeastPlan('ESSENTIALS'), { UserPoolTier: 'LITE' }, { UserPoolTier: 'ESSENTIALS' }],
    ['never lowers a plan', atLeastPlan('ESSENTIALS'), { UserPoolTier: 'PLUS' }, { UserPoolTier: 'PLUS' }],
    ['adds to a write list', writableToo(['x']), { WriteAttributes: ['y'] }, { WriteAttributes: ['y', 'x'] }],
    ['makes no write list', writableToo(['x']), {}, {}],
    [
      'takes an attribute out',
      notWritable('x', ['d'], {}),
      { WriteAttributes: ['x', 'y'] },
      { WriteAttributes: ['y'] },
    ],
    ['never leaves an empty list', notWritable('x', ['d'], {}), { WriteAttributes: ['x'] }, { WriteAttributes: ['d'] }],
    [
      'keeps what the providers of the client fill',
      notWritable('x', ['d'], { G: ['custom:g', 'd'], O: ['custom:o'] }),
      { SupportedIdentityProviders: ['G'] },
      { SupportedIdentityProviders: ['G'], WriteAttributes: ['d', 'custom:g'] },
    ],
  ])('%s, also a second time', (_what, change, described, expected) => {
    expect(jq(change, described)).toEqual(expected);
    expect(jq(change, jq(change, described))).toEqual(expected);
  });
});
