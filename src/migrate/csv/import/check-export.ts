import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportService } from '../../../directory/import-types.js';
import { ConfigurationError } from '../../../errors.js';
import { type CallOptions, repeated } from '../../calls/repeated.js';
import { sha256Of } from '../../files/durable-file.js';
import { MigrationError } from '../../migration-error.js';
import type { Manifest } from '../format/manifest.js';

/** @throws {@link ConfigurationError} if a file is missing or has changed since the export */
export async function checkFiles(from: string, { files, lists }: Manifest): Promise<void> {
  for (const { name, bytes, sha256 } of [...files, ...lists]) {
    const path = join(from, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new ConfigurationError('from', `${path} is missing: run export-csv again`);
    if (size !== bytes || (await sha256Of(path)) !== sha256) {
      throw new ConfigurationError('from', `${path} has changed since the export: run export-csv again`);
    }
  }
}

/** @throws {@link MigrationError} `ERR_POOL` if the pool's attributes have changed since the export */
export async function checkColumns(service: ImportService, manifest: Manifest, calls: CallOptions): Promise<void> {
  const columns = await repeated(() => service.columns(calls.signal), calls);
  if ([...columns].sort().join() === [...manifest.columns].sort().join()) return;
  throw new MigrationError('ERR_POOL', `the attributes of pool ${service.userPoolId} have changed since the export`, {
    fix: 'Run export-csv again, into another folder.',
  });
}
