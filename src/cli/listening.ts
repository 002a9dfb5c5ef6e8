import { ConfigurationError } from '../errors.js';
import { isSystemError } from '../migrate/files/system-error.js';

/** Why a port cannot be served on, for the person who ran the command. */
export function explainListening(error: unknown, port: number, advice: string, host?: string): unknown {
  if (!isSystemError(error)) return error;
  if (error.code === 'EADDRINUSE') {
    return new ConfigurationError('--port', `port ${port} is in use by another program. ${advice}`, error);
  }
  if (error.code === 'EACCES') {
    return new ConfigurationError('--port', `this user may not open port ${port}. Choose one from 1024 on.`, error);
  }
  if (host !== undefined && ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT'].includes(error.code)) {
    return new ConfigurationError('--listen', `this machine has no address ${host} (${error.code})`, error);
  }
  return error;
}
