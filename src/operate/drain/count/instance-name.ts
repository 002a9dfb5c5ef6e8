import cluster from 'node:cluster';
import { hostname } from 'node:os';

/** The function that this process serves in AWS Lambda; `undefined` elsewhere. */
export const lambdaFunction = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  env['AWS_LAMBDA_FUNCTION_NAME'] || undefined;

/**
 * A name that is found again after a restart and that no other process has: the host (a pod's name in Kubernetes), with the number of the
 * process where pm2 or `node:cluster` runs several.
 */
export function defaultInstanceName(env: NodeJS.ProcessEnv = process.env): string {
  const worker = env['NODE_APP_INSTANCE'] || cluster.worker?.id;
  return lambdaFunction(env) ?? (worker === undefined ? hostname() : `${hostname()}/${worker}`);
}
