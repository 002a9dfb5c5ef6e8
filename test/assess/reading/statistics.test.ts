import { describe, expect, it } from 'vitest';
import { StatisticsCollector } from '../../../src/assess/reading/statistics.js';
import type { DirectoryUser } from '../../../src/directory/user-types.js';
import { NOW } from '../pools.js';

const DAY = 86_400_000;
let created = 0;

function user(attributes: Record<string, string> = {}, changes: Partial<DirectoryUser> = {}): DirectoryUser {
  const sub = `sub-${created++}`;
  return {
    username: sub,
    sub,
    attributes: { sub, ...attributes },
    status: 'CONFIRMED',
    enabled: true,
    createdAt: new Date(NOW - 900 * DAY),
    modifiedAt: new Date(NOW - 10 * DAY),
    ...changes,
  };
}

function statistics(...users: DirectoryUser[]) {
  const collector = new StatisticsCollector(NOW);
  collector.add(users);
  return collector.finish();
}

const federated = (identities: unknown, changes: Partial<DirectoryUser> = {}) =>
  user(
    { identities: typeof identities === 'string' ? identities : JSON.stringify(identities) },
    {
      status: 'EXTERNAL_PROVIDER',
      ...changes,
    },
  );

describe('the statistics of users', () => {
  it('tell who is native, who is federated and who is linked', () => {
    const google = { providerName: 'Google' };
    const found = statistics(
      user(),
      user({ identities: JSON.stringify([google]) }),
      federated([google]),
      federated([google, { providerName: 'Okta' }]),
      federated('not json'),
      federated([]),
    );
    expect(found).toMatchObject({
      total: 6,
      native: 2,
      linked: 2,
      byProvider: { Google: 3, Okta: 1, '(unknown)': 2 },
      ableToSignIn: 2,
      ableToSignInFederated: 4,
    });
  });

  it('count a user whose identities cannot be read as linked, to a provider that is not known', () => {
    expect(statistics(user({ identities: 'not json' }))).toMatchObject({
      native: 1,
      linked: 1,
      byProvider: { '(unknown)': 1 },
    });
  });

  it('count by status, and leave out of the able whoever cannot sign in', () => {
    const found = statistics(
      user(),
      user({}, { status: 'UNCONFIRMED' }),
      user({}, { status: 'FORCE_CHANGE_PASSWORD' }),
      user({}, { enabled: false }),
      federated([], { enabled: false }),
    );
    expect(found.byStatus).toEqual({
      CONFIRMED: 2,
      EXTERNAL_PROVIDER: 1,
      FORCE_CHANGE_PASSWORD: 1,
      UNCONFIRMED: 1,
    });
    expect(found).toMatchObject({ disabled: 2, ableToSignIn: 1, ableToSignInFederated: 0 });
  });

  it('tell verified contacts from unverified ones', () => {
    const found = statistics(
      user({ email: 'a@x.com', email_verified: 'true' }),
      user({ email: 'b@x.com', email_verified: 'false' }),
      user({ phone_number: '+1', phone_number_verified: 'true' }),
      user({ email_verified: 'true' }),
      federated([]),
    );
    expect(found).toMatchObject({ emailVerified: 1, phoneVerified: 1, withoutEmail: 3, withoutVerifiedContact: 2 });
  });

  it('find addresses that several users share, and those that do so but for case', () => {
    const emails = ['ann@x.com', 'ann@x.com', 'Ann@x.com', 'bob@x.com', 'BOB@X.COM', 'cid@x.com'];
    const found = statistics(...emails.map((email) => user({ email })));
    expect(found.duplicateEmails).toEqual({ values: 1, users: 2 });
    expect(found.duplicateEmailsIgnoringCase).toEqual({ values: 2, users: 5 });
  });

  it('find usernames that differ only by case', () => {
    const found = statistics(...['Ann', 'ann', 'bob'].map((username) => user({}, { username })));
    expect(found.duplicateUsernamesIgnoringCase).toEqual({ values: 1, users: 2 });
  });

  it('find those that differ only in how an accented letter is composed', () => {
    const names = ['Zo\u00eb@x.com', 'zoe\u0308@x.com'];
    const found = statistics(...names.map((name) => user({ email: name }, { username: name })));
    expect(found.duplicateEmailsIgnoringCase).toEqual({ values: 1, users: 2 });
    expect(found.duplicateUsernamesIgnoringCase).toEqual({ values: 1, users: 2 });
  });

  it('count a user once whom the listing repeats, by sub, or by username where there is none', () => {
    const ann = user({ email: 'ann@x.com' });
    const nobody = user({}, { sub: undefined });
    const collector = new StatisticsCollector(NOW);
    collector.add([ann, nobody]);
    collector.add([{ ...ann, username: 'renamed' }, nobody]);
    expect(collector.known([ann.sub ?? '', 'stranger'])).toEqual(new Set([ann.sub]));
    expect(collector.finish()).toMatchObject({
      total: 2,
      withoutSub: 1,
      duplicateEmails: { values: 0, users: 0 },
    });
  });

  it('count who holds a custom attribute, the empty value not being one', () => {
    const found = statistics(user({ 'custom:a': '1' }), user({ 'custom:a': '2', 'custom:b': '' }), user({ name: 'x' }));
    expect(found.customAttributes).toEqual({ 'custom:a': 2 });
  });

  it('sort users by the days since their last change, or their creation where there was none', () => {
    const changed = (days: number) => ({ modifiedAt: new Date(NOW - days * DAY) });
    const found = statistics(
      user({}, changed(0.5)),
      user({}, changed(-1)),
      user({}, changed(30)),
      user({}, { modifiedAt: undefined }),
      user({}, { modifiedAt: undefined, createdAt: undefined }),
      user({}, { status: 'UNCONFIRMED', ...changed(1) }),
      federated([], changed(3)),
    );
    expect(found.lastModifiedNative).toEqual([
      { days: 0, users: 2 },
      { days: 30, users: 1 },
      { days: 900, users: 1 },
    ]);
    expect(found.lastModifiedFederated).toEqual([{ days: 3, users: 1 }]);
  });

  it('keep nothing of anybody', () => {
    const found = statistics(
      user({ email: 'ann.secret@example.com', phone_number: '+15550001', name: 'Ann Secret', 'custom:a': 'private' }),
    );
    expect(JSON.stringify(found)).not.toMatch(/ann|secret|1555|private|sub-/i);
  });
});
