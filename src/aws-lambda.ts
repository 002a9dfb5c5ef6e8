/**
 * Whether this process runs in AWS Lambda, which freezes it between two calls: background work stands still, and timers fire
 * late. Lambda reserves both names.
 */
export function isLambda(env: NodeJS.ProcessEnv = process.env): boolean {
  const { AWS_LAMBDA_FUNCTION_NAME, AWS_EXECUTION_ENV } = env;
  return AWS_LAMBDA_FUNCTION_NAME !== undefined || AWS_EXECUTION_ENV?.startsWith('AWS_Lambda') === true;
}
