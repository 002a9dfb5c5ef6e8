import { checkPair } from '../check.js';
import { guide } from '../docs.js';
import { poolUpdate } from '../fix.js';

/** Triggers with a check of their own, or that belong to the legacy pool's own past. */
const ELSEWHERE = ['UserMigration', 'PreTokenGeneration'];

export const triggersMissing = checkPair({
  id: 'triggers-missing',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const present = newPool.settings.triggers.map(({ name }) => name);
    const missing = legacy.settings.triggers
      .map(({ name }) => name)
      .filter((name) => !ELSEWHERE.includes(name) && !present.includes(name));
    if (missing.length === 0) return undefined;
    const customSignIn = missing.some(
      (name) => name.endsWith('AuthChallenge') || name === 'VerifyAuthChallengeResponse',
    );
    const versioned = (name: string) => ['CustomSMSSender', 'CustomEmailSender', 'InboundFederation'].includes(name);
    const change = missing
      .map((name) =>
        versioned(name)
          ? `.LambdaConfig.${name} = {"LambdaVersion": "V1_0", "LambdaArn": "ARN_OF_${name}"}`
          : `.LambdaConfig.${name} = "ARN_OF_${name}"`,
      )
      .join(' | ');
    return {
      severity: customSignIn ? 'blocker' : 'warning',
      title: customSignIn ? 'Custom sign-in does not work in the new pool' : 'Triggers of the legacy pool are missing',
      seen: `Missing in the new pool: ${missing.join(', ')}.`,
      why: customSignIn
        ? 'Who signs in through the CUSTOM_AUTH flow cannot sign in at all.'
        : 'What they do (checks, messages, bookkeeping) stops for everybody who has moved.',
      fix: `${poolUpdate(newPool, change)}\n# And let the new pool call the functions (lambda add-permission, --principal cognito-idp.amazonaws.com).`,
      docs: guide('cognito-user-pools-working-with-lambda-triggers'),
    };
  },
});
