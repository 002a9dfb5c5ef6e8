import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { atLeastPlan } from '../fix/changes.js';
import { poolUpdate } from '../fix/updates.js';

export const preTokenTriggerVersion = checkPool({
  id: 'pre-token-trigger-version',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { tokenUse } }) => {
    const trigger = pool.settings.triggers.find(({ name }) => name === 'PreTokenGeneration');
    if (tokenUse === 'id' || trigger === undefined || (trigger.version ?? 'V1_0') !== 'V1_0') return undefined;
    const lite = pool.settings.plan === 'LITE';
    return {
      severity: 'warning',
      title: 'The pre token generation trigger cannot change access tokens',
      seen: `Its version is V1_0${lite ? ', and the pool is on the Lite plan, which supports no other version' : ''}.`,
      why: 'Version V1_0 changes ID tokens only. Access tokens carry no legacy id, and an API that accepts them has to ask a resolver for every user.',
      fix: poolUpdate(
        pool,
        `${lite ? `${atLeastPlan('ESSENTIALS')} | ` : ''}.LambdaConfig.PreTokenGenerationConfig = {"LambdaVersion": "V2_0", "LambdaArn": (.LambdaConfig.PreTokenGenerationConfig.LambdaArn // .LambdaConfig.PreTokenGeneration)}`,
      ),
      docs: guide('user-pool-lambda-pre-token-generation'),
    };
  },
});
