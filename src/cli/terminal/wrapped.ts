import { stripVTControlCharacters } from 'node:util';

/** What is left of the second column of a table, or of a paragraph, must still have room for a few words. */
const NARROWEST = 24;
/** A command that is to be pasted into a shell, on a line of its own or in a sentence: a line break would end it. */
const COMMAND = /(?:^ +|`)cognito-cutover |\baws [a-z-]+ [a-z-]+ --/;

/** Lines that fit the terminal, broken between words. What follows stands below the column that it continues. */
export function folded(lines: readonly string[], columns: number | undefined): string[] {
  return columns === undefined
    ? [...lines]
    : lines.flatMap((text) => text.split('\n').flatMap((line) => fold(line, columns)));
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** One line in several. They begin with `indent`; without it, below the column that they continue. */
export function fold(line: string, columns: number, indent?: string): string[] {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= columns || COMMAND.test(plain)) return [line];
  const column = /^.*\S {2,}/.exec(plain)?.[0].length ?? 0;
  const start = /^ */.exec(plain)?.[0].length ?? 0;
  const below = indent ?? ' '.repeat(columns - column >= NARROWEST ? Math.max(column, start) : start);
  const words = line.match(/ *[^ ]+/g) ?? [];
  const lines: string[] = [];
  let text = '';
  for (const word of words) {
    if (text !== '' && widthOf(text + word) > columns) {
      lines.push(text);
      text = `${below}${word.trimStart()}`;
    } else {
      text += word;
    }
  }
  return [...lines, text];
}
