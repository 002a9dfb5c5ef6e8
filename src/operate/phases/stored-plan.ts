import { planFromText } from './phase-plan.js';
import type { PhaseStore } from './phase-source.js';

/**
 * Makes a store's `read` of what fetches its text. A plan is undone by writing an empty one, so a plan that was there and is gone was
 * lost: taken for "none was set", it would open the legacy pool again.
 *
 * @param place for messages
 */
export function planReader(
  place: string,
  fetchText: (signal: AbortSignal | undefined) => Promise<string | null | undefined>,
): PhaseStore['read'] {
  let wasThere = false;
  return async (signal) => {
    const text = await fetchText(signal);
    if (text !== null && text !== undefined) {
      wasThere = true;
      // JSON.parse makes a text of everything: a list of one text would be that text.
      if (typeof text !== 'string') throw new TypeError(`${place} holds something else than a text`);
      return planFromText(text);
    }
    if (wasThere) throw new Error(`The plan is gone from ${place}. Set it again with: cognito-cutover phase set`);
    return undefined;
  };
}
