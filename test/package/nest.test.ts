import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NestParts, nestSuite } from '../support/nest-suite.js';
import { compiled } from '../support/samples.js';
import { emptyFolder, install, runIn } from './packed.js';

/** What a project of this version has installed. */
const nestOf = (version: string) =>
  ['common', 'core', 'platform-express', 'platform-fastify'].map((name) => `@nestjs/${name}@${version}`);

describe.each(['11', '12'])('Nest %s', (version) => {
  let folder: string;
  beforeAll(() => {
    folder = emptyFolder();
    install(folder, ...nestOf(version), 'rxjs@7', 'reflect-metadata@0.2');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const loadFile = async (name: string, code: string) => {
    writeFileSync(join(folder, name), code);
    return import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href);
  };

  /** The modules as `import` finds them in the project. */
  async function parts(platform: string, adapter: string): Promise<NestParts> {
    const code = `
      export * as common from '@nestjs/common';
      export * as core from '@nestjs/core';
      export * as nest from 'cognito-cutover/nest';
      export * as express from 'cognito-cutover/express';
      import { ${adapter} } from '@nestjs/${platform}';
      export const adapter = () => new ${adapter}();
    `;
    const loaded = await loadFile(`${platform}.mjs`, code);
    return { ...loaded, load: async (sample: string) => loadFile(`${randomUUID()}.mjs`, await compiled(sample)) };
  }
  nestSuite('on Express', () => parts('platform-express', 'ExpressAdapter'));
  nestSuite('on Fastify', () => parts('platform-fastify', 'FastifyAdapter'));

  it('gets its own exceptions from the CommonJS build, without a warning', () => {
    const script = `
      process.on('warning', (warning) => console.log(warning.message));
      const { UnauthorizedException } = require('@nestjs/common');
      const { cutoverGuard } = require('cognito-cutover/nest');
      const guard = cutoverGuard({ newPool: { userPoolId: 'eu-west-1_New', clientIds: null }, tokenUse: 'id' });
      const res = { setHeader: (...header) => console.log(...header) };
      const http = { getRequest: () => ({ headers: {} }), getResponse: () => res };
      guard
        .canActivate({ getType: () => 'http', switchToHttp: () => http })
        .catch((error) => console.log(error instanceof UnauthorizedException));
    `;
    expect(runIn(folder, process.execPath, '-e', script)).toBe('WWW-Authenticate Bearer realm="api"\ntrue\n');
  });
});
