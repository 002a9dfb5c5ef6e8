import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ImportSettings } from '../../../../src/directory/import-types.js';
import type { DirectoryUser } from '../../../../src/directory/user-types.js';
import { Exporter } from '../../../../src/migrate/csv/export/exporter.js';
import { ExportFiles } from '../../../../src/migrate/csv/export/output.js';
import { Selection } from '../../../../src/migrate/csv/export/selection.js';
import type { MatchRule } from '../../../../src/migrate/matching/policy.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { folder } from '../../../support/folder.js';
import { AutoClock } from '../../support/auto-clock.js';
import { FakeDirectory } from '../../support/fake-directory.js';
import { state } from '../../support/workspace.js';
import { COLUMNS, target, user } from '../support.js';

const person = (username: string, attributes: Record<string, string> = {}): DirectoryUser =>
  user(attributes, { username, sub: `${username}-sub` });

interface Setup {
  readonly legacy: readonly DirectoryUser[];
  readonly fresh?: readonly DirectoryUser[];
  readonly match?: readonly MatchRule[];
  readonly settings?: Partial<ImportSettings>;
  readonly wanted?: readonly string[];
}

/** An exporter of these legacy users, after a plan of them. */
async function exporting({ legacy, fresh = [], match = ['email', 'phone'], settings, wanted }: Setup) {
  const opened = state();
  const pool = (id: string, users: readonly DirectoryUser[]) =>
    new FakeDirectory(id, { users: users.map((one) => ({ ...one, createdAt: new Date(0) })) });
  await runPlan({
    ...{ state: opened, legacyPools: [pool('old_1', legacy)], newPool: pool('new_1', fresh), match },
    clock: new AutoClock(),
  });
  const place = folder();
  const selection = new Selection(place, opened);
  onTestFinished(() => selection.close());
  if (wanted !== undefined) {
    await selection.restrictTo(
      (async function* () {
        yield* wanted;
      })(),
    );
  }
  const files = new ExportFiles(place, COLUMNS, { users: 100, bytes: 100_000 });
  const exporter = new Exporter(target(settings), selection, files);
  const ended = () => {
    const count = files.finish().files.length;
    const text = readFileSync(join(place, 'not-imported.csv'), 'utf8');
    const refused = text.trimEnd().split('\r\n').slice(1);
    return { result: exporter.result(count), refused: refused.map((line) => line.split(',').slice(0, 2).join(' ')) };
  };
  return { exporter, ended };
}

describe('a listed user', () => {
  it('is exported once, whether listed twice on a page or on two', async () => {
    const ann = person('ann');
    const { exporter, ended } = await exporting({ legacy: [ann] });
    exporter.add([ann, ann]);
    exporter.add([ann]);
    expect(exporter.known(['ann-sub', 'bob-sub'])).toEqual(new Set(['ann-sub']));
    expect(ended()).toMatchObject({ result: { exported: 1, notImported: 0, files: 1 }, refused: [] });
  });

  it('is counted as claimed, or refused with the reason: of the plan, of the row, or of an earlier user', async () => {
    const legacy = [
      person('moved'),
      person('taken', { email: 'taken@example.com', email_verified: 'false' }),
      person('ann'),
      person('ANN', { email: 'other@example.com' }),
      person('odd', { name: 'a\nb' }),
    ];
    const fresh = [person('x', { email: 'moved@example.com' }), person('y', { email: 'taken@example.com' })];
    const { exporter, ended } = await exporting({ legacy, fresh });
    exporter.add([...legacy, person('late')]);
    const { result, refused } = ended();
    expect(result).toMatchObject({ exported: 1, notImported: 4, claimed: 1 });
    expect(result.reasons).toEqual({ 'exported-twice': 1, 'line-break': 1, 'not-in-plan': 1, 'same-email': 1 });
    expect(refused).toEqual([
      'taken-sub same-email',
      'ANN-sub exported-twice',
      'odd-sub line-break',
      'late-sub not-in-plan',
    ]);
  });

  it.each([
    [undefined, [' no-sub']],
    [['ann-sub'], []],
  ])('without a sub is named where %j are wanted: %j', async (wanted, expected) => {
    const { exporter, ended } = await exporting({ legacy: [], ...(wanted && { wanted }) });
    exporter.add([user({}, { sub: undefined })]);
    expect(ended().refused).toEqual(expected);
  });

  it('with a phone number alone is refused where the plan did not compare phone numbers', async () => {
    const ann = person('ann', { email_verified: 'false', phone_number: '+1555', phone_number_verified: 'true' });
    const { exporter, ended } = await exporting({
      ...{ legacy: [ann], match: ['email'] },
      settings: { autoVerified: ['email', 'phone_number'] },
    });
    exporter.add([ann]);
    expect(ended().refused).toEqual(['ann-sub phones-not-compared']);
  });

  it('goes without an address that signs in and that another user verified, unless they verified it since', async () => {
    const [claim, owned] = ['false', 'true'].map((phone_number_verified) => ({
      ...{ phone_number: '+1555', phone_number_verified },
    }));
    const cy = person('cy', { ...claim, phone_number: '+1666' });
    const legacy = [person('ann', claim), person('bob', claim), cy, person('owner', owned)];
    const { exporter, ended } = await exporting({ legacy, settings: { signInWith: ['email', 'phone_number'] } });
    exporter.add([person('ann', claim), cy, person('bob', owned)]);
    expect(ended().result).toMatchObject({ exported: 3, misfitAttributes: { phone_number: 1 } });
  });
});

it('attributes that are lost, and names that nobody can type, are counted', async () => {
  const uuid = '10000000-0000-4000-8000-000000000000';
  const legacy = [
    person('ann', { 'custom:team': 'a', nickname: 'ann' }),
    person('bob', { 'custom:team': 'b', birthdate: 'soon' }),
    person(uuid),
  ];
  const { exporter, ended } = await exporting({ legacy });
  exporter.add(legacy);
  expect(ended().result).toMatchObject({
    ...{ exported: 3, droppedAttributes: { 'custom:team': 2, nickname: 1 }, misfitAttributes: { birthdate: 1 } },
    uuidUsernames: 1,
  });
});
