import type { Hold } from '../../migrate/calls/gate.js';

const TIME_LIMIT_MS = 5_000;

/**
 * Asks an address whether writing may continue: any 2xx means yes. An address that cannot be reached does not mean yes, and neither
 * does a redirect: the operator did not name its target.
 */
export function waitWhile(url: string, timeLimitMs = TIME_LIMIT_MS): Hold {
  // Without credentials and query, which must not appear in a log.
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
