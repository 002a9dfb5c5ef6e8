import { isMachineClient, pairClients } from '../facts/app-clients.js';
import { hasList, mayWrite } from '../facts/attributes.js';
import type { AppClient } from '../snapshot/pool-snapshot.js';

/** One application, with its app client in each pool. */
export interface ClientRow {
  readonly name: string;
  readonly legacyId: string | null;
  readonly newId: string | null;
  readonly kind: 'people' | 'machine';
  readonly secret: { readonly legacy: boolean | null; readonly new: boolean | null };
  readonly authFlows: { readonly legacy: readonly string[]; readonly new: readonly string[] };
  readonly oauthFlows: { readonly legacy: readonly string[]; readonly new: readonly string[] };
  readonly callbackUrls: { readonly legacy: readonly string[]; readonly new: readonly string[] };
  /** Access to the mapping attribute in the new pool; `null` without a client there. */
  readonly readsAttribute: 'yes' | 'no' | 'not certain' | null;
  readonly writesAttribute: 'yes' | 'no' | null;
}

/** All app clients of a legacy pool and the new pool; the clients of one application share a row. */
export function clientTable(
  legacy: readonly AppClient[],
  newClients: readonly AppClient[],
  attribute: string,
): ClientRow[] {
  const { pairs, unpaired } = pairClients(legacy, newClients);
  const paired = new Set(pairs.map((pair) => pair.new.id));
  return [
    ...pairs.map((pair) => row(pair.legacy, pair.new, attribute)),
    ...unpaired.map((client) => row(client, undefined, attribute)),
    ...newClients.filter(({ id }) => !paired.has(id)).map((client) => row(undefined, client, attribute)),
  ];
}

function row(before: AppClient | undefined, after: AppClient | undefined, attribute: string): ClientRow {
  const any = after ?? before;
  return {
    name: any?.name ?? '',
    legacyId: before?.id ?? null,
    newId: after?.id ?? null,
    kind: any !== undefined && isMachineClient(any) ? 'machine' : 'people',
    secret: { legacy: before?.hasSecret ?? null, new: after?.hasSecret ?? null },
    authFlows: { legacy: before?.authFlows ?? [], new: after?.authFlows ?? [] },
    oauthFlows: { legacy: before?.oauthFlows ?? [], new: after?.oauthFlows ?? [] },
    callbackUrls: { legacy: before?.callbackUrls ?? [], new: after?.callbackUrls ?? [] },
    readsAttribute: after === undefined ? null : reads(after, attribute),
    writesAttribute: after === undefined ? null : mayWrite(after, attribute) ? 'yes' : 'no',
  };
}

function reads({ readAttributes }: AppClient, attribute: string): 'yes' | 'no' | 'not certain' {
  if (!hasList(readAttributes)) return 'not certain';
  return readAttributes.includes(attribute) ? 'yes' : 'no';
}
