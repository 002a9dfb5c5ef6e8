import { describe, expect, it } from 'vitest';
import { REPORT_STYLE } from '../../../src/cli/html/style.js';
import { OUTCOMES } from '../../../src/migrate/outcomes.js';

it.each([...OUTCOMES, 'not-migrated', 'failed'])('gives %s a colour, on light and on paper alike', (name) => {
  expect(REPORT_STYLE).toMatch(new RegExp(`--${name}: #`));
  expect(REPORT_STYLE).toMatch(new RegExp(`\\.${name}\\b[^{]*\\{ fill: var\\(--${name}\\)`));
});

it('loads nothing', () => expect(REPORT_STYLE).not.toMatch(/url\(|@import/));

type Colour = readonly [number, number, number];
const times = (matrix: readonly Colour[], [a, b, c]: Colour): Colour =>
  matrix.map(([x, y, z]) => x * a + y * b + z * c) as unknown as Colour;

/** In linear light, 0 to 1. */
const linear = (hex: string): Colour =>
  [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as unknown as Colour;

/** Oklab, in which distances are those that people see, https://bottosson.github.io/posts/oklab/. */
function oklab(colour: Colour): Colour {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    colour,
  ).map(Math.cbrt) as unknown as Colour;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

/** What people see whose eyes lack one kind of cones, https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation/CVD_Simulation.html. */
const EYES: Readonly<Record<string, readonly Colour[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

const seen = (hex: string, eyes: readonly Colour[]): Colour =>
  oklab(times(eyes, linear(hex)).map((part) => Math.min(1, Math.max(0, part))) as unknown as Colour);

const difference = (one: Colour, other: Colour): number =>
  Math.hypot(...one.map((part, at) => part - (other[at] ?? 0)));

const contrast = (one: string, other: string): number => {
  const [bright = 0, dark = 0] = [one, other]
    .map((hex) => times([[0.2126, 0.7152, 0.0722]], linear(hex))[0])
    .sort((a, b) => b - a);
  return (bright + 0.05) / (dark + 0.05);
};

const [, light = '', dark = ''] = REPORT_STYLE.split(':root {');
const coloursOf = (theme: string) =>
  Object.fromEntries(
    [...theme.slice(0, theme.indexOf('}')).matchAll(/--([\w-]+): (#\w{6})/g)].map(([, name, hex]) => [name, hex]),
  );

/** The kinds whose mark has this ink, where that is the exception. */
const markedWith = (ink: string) =>
  [...REPORT_STYLE.matchAll(/^ *(\.mark\.[^{]*)\{ fill: var\(--([\w-]+)\)/gm)]
    .filter(([, , name]) => name === ink)
    .flatMap(([, kinds = '']) => [...kinds.matchAll(/\.mark\.([\w-]+)/g)].map(([, kind]) => kind));

describe.each([
  ['light', coloursOf(light), 'on-dark', 'on-light'],
  ['dark', { ...coloursOf(light), ...coloursOf(dark) }, 'on-light', 'on-dark'],
])('the %s colours', (_, colours, usual, exceptional) => {
  const colour = (name: string): string => colours[name] ?? '';

  it.each([
    ['usual', 0.1],
    ['protanopia', 0.075],
    ['deuteranopia', 0.075],
  ])('differ for %s eyes', (eyes, least) => {
    const kinds = [...OUTCOMES, 'failed'];
    const alike = kinds.flatMap((one, at) =>
      kinds
        .slice(at + 1)
        .filter((other) => difference(seen(colour(one), EYES[eyes]!), seen(colour(other), EYES[eyes]!)) < least)
        .map((other) => `${one} and ${other}`),
    );
    expect(alike).toEqual([]);
  });

  it.each([...OUTCOMES, 'failed'])('of %s stand out from the card, and their mark from them', (name) => {
    expect(contrast(colour(name), colour('card'))).toBeGreaterThanOrEqual(3);
    const ink = markedWith(exceptional).includes(name) ? exceptional : usual;
    expect(contrast(colour(name), colour(ink))).toBeGreaterThanOrEqual(4.5);
  });
});
