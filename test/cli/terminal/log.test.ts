import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { enduringLog } from '../../../src/cli/terminal/log.js';
import { folder } from '../../support/folder.js';

const streamOn = (fd: number, isTTY = false) =>
  Object.assign(new PassThrough(), { fd, isTTY }) as unknown as NodeJS.WriteStream & { readonly fd: number };

it('writes a file line by line, and loses no later line to one that failed', () => {
  const path = join(folder(), 'log');
  const fd = openSync(path, 'a');
  const log = enduringLog(streamOn(fd));
  log.write('one\n');
  closeSync(fd);
  log.write('lost\n');
  expect(openSync(path, 'a')).toBe(fd);
  log.write('two\n');
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  closeSync(fd);
});

it('leaves a terminal as it is, and survives its end', () => {
  const stream = streamOn(2, true);
  expect(enduringLog(stream)).toBe(stream);
  expect(stream.emit('error', new Error('EIO'))).toBe(true);
});
