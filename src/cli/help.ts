import { Help, type HelpConfiguration } from 'commander';
import type { Output } from './terminal/terminal.js';

const DEFAULT_COLUMNS = 80;
/** Descriptions narrower than this have a word or two a line: they stand below their option, not beside it. */
const NARROWEST_DESCRIPTION = 36;
/** Before and between the columns of a list. */
const GAPS = 4;
const BELOW = '      ';

/** How wide a help text may be: what COLUMNS says, else the terminal. */
export function helpWidth(stdout: Output, env: Readonly<Record<string, string | undefined>>): number {
  const columns = Number(env['COLUMNS']);
  return Number.isInteger(columns) && columns > 0 ? columns : (stdout.columns ?? DEFAULT_COLUMNS);
}

/** The help of a command: its options. */
export const OPTION_HELP: HelpConfiguration = {
  minWidthToWrap: 20,
  formatItem(term, termWidth, description, helper) {
    const { helpWidth: width = DEFAULT_COLUMNS } = helper;
    if (width - termWidth - GAPS >= NARROWEST_DESCRIPTION) {
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    }
    return `  ${term}\n${BELOW}${helper.boxWrap(description, width - BELOW.length).replaceAll('\n', `\n${BELOW}`)}`;
  },
};

/** The help without a command: only the list of commands, so that it fits one screen of 24 lines. */
export const LIST_HELP: HelpConfiguration = {
  ...OPTION_HELP,
  subcommandTerm: (command) => command.name(),
  visibleCommands: (program) => program.commands.slice(),
  visibleOptions: () => [],
  formatItemList: (heading, items) => (items.length === 0 ? [] : [heading, ...items]),
};

/** A paragraph of help, wrapped between words. */
export const wrapped = (text: string, width: number): string => `\n${new Help().boxWrap(text, width)}`;

/** Example commands. What does not fit the width continues on the next line, as a shell reads it. */
export function examplesText(examples: readonly string[], width: number): string {
  return ['', 'Examples:', ...examples.flatMap((example) => shellLines(example, width)), ''].join('\n');
}

/** An option stays with its value. */
function shellLines(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = '  $';
  for (const part of command.split(/ (?=-|\|\||>)/)) {
    if (`${line} ${part} \\`.length > width) {
      lines.push(`${line} \\`);
      line = '     ';
    }
    line += ` ${part}`;
  }
  return [...lines, line];
}
