import { client, google, newParts, pair } from '../pools.js';
import type { PoolPair } from './pool-pair.js';

const provider = { ...google, attributeMapping: { ...google.attributeMapping, 'custom:tenant': 'hd' } };
const unlisted = { readAttributes: null, writeAttributes: null };

/** Nobody ever set what an app client may read or write. */
export const noLists: PoolPair = {
  name: 'no attribute lists anywhere',
  snapshot: pair({
    legacy: {
      providers: [provider],
      clients: [
        client(unlisted),
        client({ ...unlisted, id: 'job-old', name: 'job', oauthFlows: ['client_credentials'] }),
      ],
    },
    new: {
      providers: [provider],
      clients: [
        ...newParts.clients.map((one) => ({ ...one, ...unlisted })),
        client({ ...unlisted, id: 'job-new', name: 'job', oauthFlows: ['client_credentials'] }),
      ],
    },
  }),
  findings: [
    ['blocker', 'attribute-writable'],
    ['warning', 'attribute-read-list-absent'],
    ['info', 'endpoints-change'],
    ['info', 'client-ids-change'],
    ['info', 'group-memberships'],
  ],
  shares: [
    ['already-moved', 100],
    ['backfill', 900],
  ],
  procedure: [
    {
      step: 'See to custom:legacy_sub: it exists, the app clients whose tokens need it can read it, and nobody can write it but you.',
      settles: ['attribute-writable', 'attribute-read-list-absent'],
    },
    {
      step: 'Mount the middleware in every API, so that tokens of both pools are accepted before the first token of the new pool is signed.',
      settles: ['endpoints-change', 'client-ids-change'],
    },
    {
      step: 'cognito-cutover plan --groups, then publish: users who are in the new pool already are known to the APIs within minutes. Then apply, at the start of a month, and verify.',
      settles: ['group-memberships'],
    },
    {
      step: 'Switch applications over one at a time: sign-ins go to the new pool.',
      settles: [],
    },
    {
      step: 'cognito-cutover plan --groups, apply and verify every night until nobody is left without a legacy id.',
      settles: [],
    },
    {
      step: 'Set legacyTokens.acceptUntil to the longest token lifetime from now, and watch that nobody is refused.',
      settles: [],
    },
    {
      step: 'Keep the legacy pool, protected against deletion, for as long as a mapping may be questioned.',
      settles: [],
    },
  ],
  says: ['{"Google":["custom:tenant"]}', '.ReadAttributes // []'],
  neverSays: ['export-csv', 'nobody notices'],
};
