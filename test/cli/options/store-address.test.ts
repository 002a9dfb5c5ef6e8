import { describe, expect, it } from 'vitest';
import { storeAddress } from '../../../src/cli/options/store-address.js';

const parse = storeAddress('.ndjson');

describe('storeAddress', () => {
  it.each<[string, object]>([
    ['mapping.ndjson', { kind: 'file', name: 'mapping.ndjson' }],
    ['/var/lib/app/mapping.ndjson', { kind: 'file', name: '/var/lib/app/mapping.ndjson' }],
    [
      'dynamodb://legacy-ids',
      { kind: 'dynamodb', name: 'dynamodb://legacy-ids', tableName: 'legacy-ids', region: undefined },
    ],
    [
      'dynamodb://Legacy_Ids.v2?region=eu-west-1&endpoint=http://127.0.0.1:8000',
      { kind: 'dynamodb', tableName: 'Legacy_Ids.v2', region: 'eu-west-1', endpoint: 'http://127.0.0.1:8000' },
    ],
    [
      'redis://127.0.0.1:6379',
      { kind: 'redis', name: 'redis://127.0.0.1:6379', url: 'redis://127.0.0.1:6379', keyPrefix: undefined },
    ],
    [
      'rediss://user:pass%40word@cache.example.com:6380/2?prefix=app:',
      {
        kind: 'redis',
        name: 'rediss://cache.example.com:6380/2?prefix=app:',
        url: 'rediss://user:pass%40word@cache.example.com:6380/2',
        keyPrefix: 'app:',
      },
    ],
  ])('understands %s', (text, target) => {
    expect(parse('--to', text)).toMatchObject(target);
  });

  it.each<[unknown, string]>([
    ['', '--to: expected dynamodb://TABLE'],
    [5, '--to: expected dynamodb://TABLE'],
    ['mapping.json', 'or a file name that ends in .ndjson, got "mapping.json"'],
    ['legacy-ids', 'expected dynamodb://TABLE'],
    ['s3://bucket/mapping.ndjson', 'expected dynamodb://TABLE'],
    ['dynamo://legacy-ids', 'expected dynamodb://TABLE'],
    ['http://user:secret@host/x.ndjson', 'got "http://…"'],
    ['dynamodb://', '--to: expected dynamodb:// and the name of a table'],
    ['dynamodb://ab', 'the name of a table, got "ab"'],
    ['dynamodb://table/other', 'nothing but parameters after the name of the table, got "/other"'],
    ['dynamodb://table?Region=x', 'unknown parameter Region; known are region, endpoint'],
    [
      'redis://user:secret@host/legacy-ids',
      '--to: expected at most the number of a database after the host, got "/legacy-ids"',
    ],
    ['redis://host?tls=true', 'unknown parameter tls; known are prefix'],
  ])('refuses %j', (text, message) => {
    expect(() => parse('--to', text)).toThrow(message);
  });

  it('takes files of another kind where it is asked to', () => {
    expect(storeAddress('.json')('--to', 'phases.json')).toEqual({ kind: 'file', name: 'phases.json' });
    expect(() => storeAddress('.json')('--to', 'phases.ndjson')).toThrow('a file name that ends in .json, got');
  });
});
