import { checkPool } from '../check.js';
import { guide } from '../docs.js';

export const attributeImmutable = checkPool({
  id: 'attribute-immutable',
  side: 'new',
  needs: ['settings'],
  find: ({ settings: { schema } }, { options: { attribute } }) => {
    const found = schema.find(({ name }) => name === attribute);
    if (found === undefined || found.mutable) return undefined;
    return {
      severity: 'blocker',
      title: `${attribute} cannot be changed after a user exists`,
      seen: 'The attribute is immutable.',
      why: 'It can be set while a user is created (migration trigger, CSV import) and never afterwards: a backfill of existing users, a correction or a rollback is refused. Mutability cannot be changed.',
      fix: 'Add a mutable attribute of another name and use it: --attribute custom:NAME.',
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
