/** An answer of the service that the SDK turns into an exception of the same name. */
export class ServiceError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** The connection breaks instead of an answer. */
export class DroppedConnection extends Error {}

export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);
export const notAuthorized = (message: string) => new ServiceError('NotAuthorizedException', message);
export const notFound = (message: string) => new ServiceError('ResourceNotFoundException', message);
export const userNotFound = () => new ServiceError('UserNotFoundException', 'User does not exist.');
export const tooManyRequests = () => new ServiceError('TooManyRequestsException', 'Rate exceeded');
export const internalError = () => new ServiceError('InternalErrorException', 'Something went wrong', 500);

/** The message of the service's own request validation, which runs before anything is looked up. */
export const invalidRequest = (member: string, constraint: string) =>
  invalidParameter(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
