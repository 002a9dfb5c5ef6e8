import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { Output } from './terminal.js';

/**
 * Standard error as a log that never ends a run: the terminal may be closed, the reader of the pipe gone, the disk full. Node gives up
 * a file at its first failed write; this log continues when the disk has room again.
 */
export function enduringLog(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  stream.on('error', () => {});
  if (stream.isTTY || !isFile(stream.fd)) return stream;
  return new Writable({
    decodeStrings: false,
    write: (text: string | Buffer, _encoding, done) => {
      try {
        writeSync(stream.fd, text.toString());
      } catch {
        // The line is lost, and nothing else.
      }
      done();
    },
  });
}

function isFile(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFile() || stat.isCharacterDevice();
  } catch {
    return false;
  }
}
