import type { Hold } from '../../migrate/calls/gate.js';

const TIME_LIMIT_MS = 5_000;

/**
 * Asks an address whether writing may go on: any 2xx means yes. What cannot be asked is no yes, and neither is a redirect: where
 * that leads was not what the operator named.
 */
export function waitWhile(url: string, timeLimitMs = TIME_LIMIT_MS): Hold {
  // Without credentials and query, which belong in no log.
  const { origin, pathname, search, username, password } = new URL(url);
  const name = `${origin}${pathname}`;
  // `fetch` refuses an address with credentials.
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers: Record<string, string> = username + password === '' ? {} : { authorization: `Basic ${credentials}` };
  return async () => {
    try {
      const response = await fetch(`${name}${search}`, {
        redirect: 'manual',
        headers,
        signal: AbortSignal.timeout(timeLimitMs),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `${name} answers ${response.status}`;
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      return isLate ? `${name} does not answer within ${timeLimitMs / 1000} s` : `${name} cannot be reached`;
    }
  };
}
