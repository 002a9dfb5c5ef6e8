/** An answer as its bytes have it. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case, in their order: a name may come twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x20-\x7e]*)$/;

const LAST_CHUNK = '0\r\n\r\n';

export const valueIn = ({ headers }: HttpAnswer, name: string): string | undefined =>
  headers.find(([one]) => one === name)?.[1];

/**
 * Reads the answers on a connection by hand, from latin1. One that was cut at the end is left out.
 *
 * @param isHead whether an answer with these headers is to a HEAD request, which has no body
 * @throws Error at the first byte that HTTP/1.1 does not allow
 */
export function answersIn(text: string, isHead: (answer: HttpAnswer) => boolean): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end < 0) break;
    const [first = '', ...lines] = text.slice(at, end).split('\r\n');
    const status = /^HTTP\/1\.1 (\d{3}) [A-Za-z -]+$/.exec(first)?.[1];
    if (status === undefined) throw new Error(`no answer begins like this: ${JSON.stringify(first.slice(0, 200))}`);
    const headers = lines.map((line) => {
      const [, name, value] = HEADER.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no header is like this: ${JSON.stringify(line)}`);
      return [name.toLowerCase(), value] as const;
    });
    at = end + 4;
    const head = { status: Number(status), headers, body: '' };
    if (head.status < 200) continue;
    const length = valueIn(head, 'content-length');
    // Node ends what it refuses itself with an empty chunk.
    const isChunked = valueIn(head, 'transfer-encoding') === 'chunked' && text.startsWith(LAST_CHUNK, at);
    const whole = isChunked ? LAST_CHUNK.length : text.length - at;
    const size = isHead(head) ? 0 : length === undefined ? whole : Number(length);
    if (at + size > text.length) break;
    answers.push({ ...head, body: text.slice(at, at + size) });
    at += size;
  }
  return answers;
}
