import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { expect, it } from 'vitest';
import { createScreen } from '../../../src/cli/terminal/screen.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Screenful } from '../support.js';
import { writing } from './work.js';

it.each([
  [true, undefined, /Write {9}█+ 100% {2}400 of 400 written\n$/],
  [false, undefined, /^Write: 100%, 400 of 400 written\n$/],
  [true, 'lines', /^Write: 100%, 400 of 400 written\n$/],
  [true, 'ndjson', /^\{"time":".*","type":"write","written":400,.*\}\n$/],
] as const)('on a terminal: %s, asked for: %s, shows progress as %s', (isTerminal, mode, shown) => {
  const output = new Screenful(isTerminal);
  const screen = createScreen({ output, colours: pc.createColors(false), clock: new FakeClock(), mode });
  screen.progress(writing(400, true));
  screen.stop();
  expect(stripVTControlCharacters(output.text)).toMatch(shown);
});
