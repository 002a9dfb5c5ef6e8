import { type Check, checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { shellWord } from '../fix/calls.js';
import type { Snapshot } from '../snapshot/pool-snapshot.js';

/** Quotas belong to an account and Region: pools that share both share their quotas. */
const lower = checkPair({
  id: 'quotas-lower',
  needs: { legacy: ['quotas'], new: ['quotas'] },
  find: (legacy, newPool) => {
    const less = legacy.quotas.flatMap(({ category, provisioned }) => {
      const after = newPool.quotas.find((quota) => quota.category === category);
      return after === undefined || after.provisioned >= provisioned ? [] : [{ category, provisioned, after }];
    });
    if (less.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Quotas were raised for the legacy pool only',
      seen: `Requests per second: ${less
        .map(
          ({ category, provisioned, after }) =>
            `${category} ${provisioned} in the legacy pool's account and Region, ${after.provisioned} in the new pool's`,
        )
        .join('; ')}.`,
      why: 'On the day of the switch, all sign-ins go to the pool with the lower quota. Cognito refuses the requests above it (TooManyRequestsException), and many applications show a refused sign-in as a wrong password.',
      fix: less
        .map(({ category, provisioned }) => {
          const definition = JSON.stringify({ LimitClass: 'API_CATEGORY', Attributes: { Category: category } });
          return `aws cognito-idp update-provisioned-limit --region ${shellWord(newPool.region)} --limit-definition ${shellWord(definition)} --requested-limit-value ${provisioned}`;
        })
        .concat(
          '# The value cannot exceed the account-level maximum in Service Quotas. If that is lower, request an increase there first, some days ahead. With managed login, UserAuthentication and UserFederation can only be raised there.',
        )
        .join('\n'),
      docs: guide('quotas'),
    };
  },
});

const shared = checkPair({ id: 'quotas-lower', needs: { legacy: [], new: [] }, find: () => undefined });

export const quotasLower: Check = {
  id: 'quotas-lower',
  run: (snapshot, context) =>
    snapshot.legacy.flatMap((pool) =>
      (shareQuotas(pool, snapshot.new) ? shared : lower).run({ ...snapshot, legacy: [pool] }, context),
    ),
};

function shareQuotas(legacy: Snapshot['legacy'][number], newPool: Snapshot['new']): boolean {
  if (newPool === null || legacy.region !== newPool.region) return false;
  if (legacy.settings.known === 'no' || newPool.settings.known === 'no') return false;
  const { account } = legacy.settings.value;
  return account !== null && account === newPool.settings.value.account;
}
