/**
 * Dollars per monthly active user by list price, by the feature plan of the user pool, before the free tier and discounts.
 * https://aws.amazon.com/cognito/pricing
 */
const MAU_PRICES = { LITE: 0.0055, ESSENTIALS: 0.015, PLUS: 0.02 } as const;

/** The feature plan of a user pool, as DescribeUserPool names it: `UserPoolTier`. */
export type FeaturePlan = keyof typeof MAU_PRICES;

/** The price of a user of a pool. A pool that does not report its plan is assumed to be on the default plan of new pools. */
export const listPriceOf = (plan: FeaturePlan | undefined): number => MAU_PRICES[plan ?? 'ESSENTIALS'];

/** The plan, if it is one whose price is known. */
export const featurePlanOf = (name: string | undefined): FeaturePlan | undefined =>
  name !== undefined && Object.hasOwn(MAU_PRICES, name) ? (name as FeaturePlan) : undefined;
