import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { onTestFinished } from 'vitest';
import * as express from '../../middleware/express.js';
import * as nest from '../../middleware/nest.js';
import { nestSuite } from '../support/nest-suite.js';
import { compiled } from '../support/samples.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Both versions and both platforms: test/package/nest.test.ts, with the packed package. */
nestSuite('Nest 12 on Express', async () => ({
  common,
  core,
  adapter: () => new ExpressAdapter(),
  nest,
  express,
  load: async (code) => {
    const folder = mkdtempSync(join(root, '.samples-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'sample.mjs'), await compiled(code));
    return import(/* @vite-ignore */ pathToFileURL(join(folder, 'sample.mjs')).href);
  },
}));
