import { DAY_MS } from '../../../clock.js';
import { createMetricReader, type PoolMetric } from '../../../directory/command-line/metric-reader.js';
import type { UserDirectoryOptions } from '../../../directory/command-line/user-directory.js';
import {
  ADMIN_CLIENT,
  hourOf,
  KEPT_DAYS,
  type PoolActivity,
  toClientActivity,
} from '../../../operate/drain/report/aws-activity.js';
import type { CommandContext } from '../../define-command.js';
import { readLegacyProviders } from './legacy-clients.js';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/**
 * What AWS itself counted at a legacy pool. Sign-ins through an identity provider are a metric of their own.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
 */
export async function readCloudWatch(
  options: UserDirectoryOptions,
  clientIds: readonly string[],
  windowMs: number,
  context: CommandContext,
): Promise<PoolActivity> {
  const { clock, signal, screen } = context;
  const { userPoolId } = options;
  const reader = await createMetricReader('--cloudwatch', options);
  try {
    const providers = await readLegacyProviders(options, context);
    screen.progress({ type: 'step', what: `Reading what CloudWatch counted of ${userPoolId}` });
    const clients = [...new Set([...clientIds, ADMIN_CLIENT])];
    const metrics = clients.flatMap((clientId) => metricsOf(clientId, providers));
    const from = hourOf(clock.now() - windowMs);
    // What was counted until now, the hour that has begun included.
    const to = clock.now();
    const hours = await reader.sums(metrics, { from, to, periodSeconds: HOUR_SECONDS }, signal);
    const sumsOf = (clientId: string, isWanted: (name: string) => boolean) =>
      hours
        .filter((_, at) => metrics[at]?.dimensions['UserPoolClient'] === clientId && isWanted(metrics[at].name))
        .flat();
    const isKnown = async () => {
      const kept = { from: to - KEPT_DAYS * DAY_MS, to, periodSeconds: DAY_SECONDS };
      return (await reader.sums(metrics, kept, signal)).some((days) => days.length > 0);
    };
    return {
      userPoolId,
      since: new Date(from).toISOString(),
      known: hours.some((found) => found.length > 0) || (await isKnown()),
      clients: toClientActivity(
        clients.map((clientId) => ({
          clientId,
          signIns: sumsOf(clientId, (name) => name !== REFRESHES),
          tokenRefreshes: sumsOf(clientId, (name) => name === REFRESHES),
        })),
      ),
    };
  } finally {
    reader.close();
  }
}

const SIGN_INS = 'SignInSuccesses';
const REFRESHES = 'TokenRefreshSuccesses';
const FEDERATED_SIGN_INS = 'FederationSuccesses';

function metricsOf(clientId: string, providers: readonly string[]): PoolMetric[] {
  const client = { UserPoolClient: clientId };
  return [
    { name: SIGN_INS, dimensions: client },
    { name: REFRESHES, dimensions: client },
    ...providers.map((name) => ({ name: FEDERATED_SIGN_INS, dimensions: { ...client, IdentityProvider: name } })),
  ];
}
