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
    ['info', 'identity-pools', 'in the legacy pool'],
    ['info', 'client-ids-change'],
    ['info', 'group-memberships'],
  ],
  shares: [
    ['already-moved', 100],
    ['backfill', 900],
  ],
  procedure: [
    {
      step: 'Make sure that custom:legacy_sub exists, that the app clients whose tokens need it can read it, and that users cannot write it.',
      settles: ['attribute-writable', 'attribute-read-list-absent'],
    },
    {
      step: 'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      settles: ['endpoints-change', 'client-ids-change'],
    },
    {
      step: 'Find the identity pools that trust the legacy pool. If there is one, begin to record which identity belongs to whom: this works only while people still sign in at the legacy pool.',
      settles: ['identity-pools'],
    },
    {
      step: 'Run cognito-cutover plan --groups, then publish: the APIs recognise users who are already in the new pool within minutes. Then run apply at the start of a month, and verify.',
      settles: ['group-memberships'],
    },
    {
      step: 'Switch applications over one at a time: sign-ins go to the new pool.',
      settles: [],
    },
    {
      step: 'Run cognito-cutover plan --groups, apply and verify every night until every user has a legacy id.',
      settles: [],
    },
    {
      step: 'Set legacyTokens.acceptUntil to now plus the longest lifetime of a refresh token, and check that no user is refused.',
      settles: [],
    },
    {
      step: 'Keep the legacy pool, with deletion protection, for as long as you may need to check a mapping.',
      settles: [],
    },
  ],
  says: ['{"Google":["custom:tenant"]}', '.ReadAttributes // []'],
  neverSays: ['export-csv', 'nobody notices'],
};
