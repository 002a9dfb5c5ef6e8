import { writeFileSync } from 'node:fs';
import { apiReference } from './api-reference.js';
import { commandReference } from './command-reference.js';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('commands.md', docs), commandReference());
writeFileSync(new URL('reference.md', docs), apiReference());
