import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { triggersSet } from '../fix/triggers.js';

export const preTokenTriggerMissing = checkPool({
  id: 'pre-token-trigger-missing',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { attribute, tokenUse } }) => {
    if (tokenUse === 'id' || pool.settings.triggers.some(({ name }) => name === 'PreTokenGeneration')) return undefined;
    return {
      severity: 'warning',
      title: 'Access tokens carry no legacy id',
      seen: 'The pool has no pre token generation trigger.',
      why: `An access token holds no user attributes. Without the trigger, only ID tokens carry ${attribute}, and an API that accepts access tokens has to ask a resolver for every user.`,
      fix: `${triggersSet(pool, ['PreTokenGeneration'])}\n# The function: createPreTokenGenerationTrigger from cognito-cutover/triggers. Its role only needs to read the mapping store (dynamodb:GetItem).\n# Version V2_0 needs the Essentials or Plus plan.${
        pool.settings.plan === 'LITE'
          ? ' This pool is on Lite: a higher plan costs more for every monthly active user.'
          : ''
      }\n# Or let the APIs accept ID tokens, or configure legacyId.resolve in the verifier.`,
      docs: guide('user-pool-lambda-pre-token-generation'),
    };
  },
});
