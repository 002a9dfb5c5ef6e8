import { arnOf } from '../facts/addresses.js';
import type { PoolSettings } from '../snapshot/pool-snapshot.js';
import { type PoolAddress, shellWord } from './calls.js';
import { atLeastPlan, setUnlessSet } from './changes.js';
import { poolUpdate } from './updates.js';

type Pool = PoolAddress & { readonly settings: PoolSettings };

/** Triggers whose configuration has a version in addition to the function. */
const VERSIONED = ['CustomSMSSender', 'CustomEmailSender', 'InboundFederation'];
const ENCRYPTED = ['CustomSMSSender', 'CustomEmailSender'];

/** Gives the pool permission to call the functions, then sets them. A pool has one function per trigger. */
export function triggersSet(pool: Pool, triggers: readonly string[]): string {
  const encrypted = triggers.some((name) => ENCRYPTED.includes(name));
  const changes = [
    ...triggers.map((name) => changeOf(name)),
    ...(encrypted ? [setUnlessSet('.LambdaConfig.KMSKeyID', 'ARN_OF_THE_KMS_KEY')] : []),
    // On Lite, Cognito refuses every version of this trigger except the first.
    ...(triggers.includes('PreTokenGeneration') ? [atLeastPlan('ESSENTIALS')] : []),
  ];
  return [...triggers.map((name) => permissionFor(pool, name)), poolUpdate(pool, changes.join(' | '))].join('\n');
}

/** `ARN_OF_THE_POST_CONFIRMATION_FUNCTION`: the same placeholder in every fix that sets the trigger. */
const functionOf = (trigger: string): string =>
  `ARN_OF_THE_${trigger.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_FUNCTION`;

function changeOf(trigger: string): string {
  const LambdaArn = functionOf(trigger);
  if (trigger === 'PreTokenGeneration') {
    return `.LambdaConfig.PreTokenGenerationConfig = ${JSON.stringify({ LambdaVersion: 'V2_0', LambdaArn })}`;
  }
  const value = VERSIONED.includes(trigger) ? { LambdaVersion: 'V1_0', LambdaArn } : LambdaArn;
  return `.LambdaConfig.${trigger} = ${JSON.stringify(value)}`;
}

const permissionFor = (pool: Pool, trigger: string): string =>
  [
    'aws lambda add-permission',
    `--function-name ${functionOf(trigger)}`,
    `--statement-id ${shellWord(`cognito-${pool.userPoolId}-${trigger}`)}`,
    '--action lambda:InvokeFunction --principal cognito-idp.amazonaws.com',
    `--source-arn ${shellWord(arnOf(pool))} --region ${shellWord(pool.region)}`,
  ].join(' ');
