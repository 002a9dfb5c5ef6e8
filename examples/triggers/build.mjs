// Bundles the functions for Lambda and prints their sizes.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const { metafile } = await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  entryPoints: [
    'user-migration.mjs',
    'pre-token-generation.mjs',
    'pre-sign-up.mjs',
    'post-confirmation.mjs',
    'session-handover.mjs',
  ],
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // AWS's SDK is part of Lambda's runtime.
  external: ['@aws-sdk/*'],
  metafile: true,
});
for (const [file, { bytes }] of Object.entries(metafile.outputs))
  console.log(`${file} ${(bytes / 1000).toFixed(1)} KB`);
