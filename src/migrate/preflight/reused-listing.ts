import type { UserDirectory } from '../../directory/user-types.js';
import { ConfigurationError } from '../../errors.js';
import { Pace } from '../calls/pace.js';
import { SETTINGS_RPS } from '../calls/quotas.js';
import { mayPass, repeated } from '../calls/repeated.js';
import type { Policy } from '../matching/policy.js';
import { listingOptions } from '../matching/policy.js';
import { MigrationError } from '../migration-error.js';
import type { Run } from '../run.js';
import { checkOf, keyPath, readKey } from '../state/hash-key.js';

const OPTION = 'reuseLegacyListing';

/**
 * The key that makes the hashes of newly listed users comparable with those of the finished plan, whose listing of the legacy pools
 * is reused. That listing is complete only if users cannot sign themselves up in these pools.
 * @throws {@link ConfigurationError}, {@link MigrationError} if that listing cannot be used
 */
export async function reusableKey(run: Run, policy: Policy, legacyPools: readonly UserDirectory[]): Promise<string> {
  const { meta, state } = run;
  if (meta.get('plannedAt') === undefined) {
    throw new ConfigurationError(OPTION, 'there is no finished plan whose listing of the legacy pool could be used');
  }
  if (meta.get('listedFor') !== listingOptions(policy)) {
    throw new ConfigurationError(
      OPTION,
      'the finished plan was listed with other options (attribute, match, providerMap or legacyProvider): list the legacy pool again',
    );
  }
  for (const pool of legacyPools) await requireClosed(run, pool);
  const key = readKey(state);
  if (key !== undefined && checkOf(key) === meta.get('keyCheck')) return key;
  throw new ConfigurationError(
    OPTION,
    `${keyPath(state)} is missing or belongs to another plan, or a legacy pool was open for sign-up when it was listed: list the legacy pool again`,
  );
}

async function requireClosed(run: Run, directory: UserDirectory): Promise<void> {
  const { userPoolId } = directory;
  const calls = run.calls(new Pace(SETTINGS_RPS, run.clock));
  const description = await repeated(() => directory.describePool(run.signal), calls).catch((error: unknown) => {
    if (mayPass(error) || run.signal?.aborted) throw error;
    throw new MigrationError('ERR_CREDENTIALS', `cannot read whether pool ${userPoolId} is closed for sign-up`, {
      fix: 'Allow cognito-idp:DescribeUserPool on it, or list the legacy pool again: leave out --reuse-legacy-listing.',
      cause: error,
    });
  });
  if (description.adminCreateUserOnly) return;
  throw new ConfigurationError(
    OPTION,
    `users can sign themselves up in pool ${userPoolId}, so it may have users who are not in the listing: list it again`,
  );
}
