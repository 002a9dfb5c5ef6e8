import { checkPool } from '../check.js';
import { guide } from '../docs.js';

export const attributeNotString = checkPool({
  id: 'attribute-not-string',
  side: 'new',
  needs: ['settings'],
  find: ({ settings: { schema } }, { options: { attribute } }) => {
    const found = schema.find(({ name }) => name === attribute);
    if (found === undefined || found.type === 'String') return undefined;
    return {
      severity: 'blocker',
      title: `${attribute} is not a string`,
      seen: `Its type is ${found.type}.`,
      why: 'A legacy id is a UUID. The pool refuses it as the value of such an attribute, and the type of an attribute cannot be changed.',
      fix: 'Add an attribute of another name, of type String, and use it: --attribute custom:NAME.',
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
