/** A page of the Amazon Cognito developer guide. */
export const guide = (page: string): string => `https://docs.aws.amazon.com/cognito/latest/developerguide/${page}.html`;
