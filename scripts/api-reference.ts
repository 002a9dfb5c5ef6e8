import { PUBLIC_NAMES, type PublicName } from './public-names.js';

/** The page that explains a subpath, from the end of its name. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'cognito-cutover': 'verifier.md',
  express: 'express.md',
  plain: 'express.md',
  fastify: 'hosts.md',
  hono: 'hosts.md',
  koa: 'hosts.md',
  nest: 'nest.md',
  'api-gateway': 'api-gateway.md',
  triggers: 'triggers.md',
  handover: 'session-handover.md',
  cognito: 'access-tokens.md',
  dynamodb: 'stores.md',
  redis: 'stores.md',
  testing: 'testing.md',
  metrics: 'metrics.md',
  drain: 'drain.md',
};

/** The text of a comment without its marks, and what its `@defaultValue` says. */
function textOf(comment: string): { readonly text: string; readonly byDefault: string } {
  const whole = comment
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .replaceAll(/^ *\* ?/gm, '')
    .replaceAll(/\{@link ([\w.]+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const [, tag = ''] = /@defaultValue (.*?)(?= @\w|$)/.exec(whole) ?? [];
  const plain = whole.replace(/ ?@\w+ .*$/, '');
  const [, said = ''] = / ?\bDefault: (.*?)\.?$/.exec(plain) ?? [];
  return { text: plain.replace(/ ?\bDefault: .*$/, ''), byDefault: tag || said };
}

/** Options that mean the same wherever they are. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  clock: 'The time, for tests.',
  email: 'The e-mail address.',
  fetch: 'The `fetch` of the Fetch standard, or one like it.',
  meter: 'Where the instruments are made.',
  region: 'The Region.',
};

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/<(?=[a-z])/g, '&lt;');
const firstSentence = (text: string) => /^.*?[.:](?= [A-Z`]|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;

const optionsTable = ({ name, members }: PublicName): string[] => [
  `### ${name}`,
  '',
  '| option | meaning | default |',
  '|---|---|---|',
  ...members.map(({ name: option, isOptional, comment }) => {
    const { text, byDefault } = textOf(comment);
    return `| \`${option}\` | ${cell(text || (EVERYWHERE[option] ?? ''))} | ${isOptional ? cell(byDefault) : 'required'} |`;
  }),
  '',
];

/** docs/reference.md, from the sources. */
export function apiReference(): string {
  const subpaths = [...new Set(PUBLIC_NAMES.map(({ subpath }) => subpath))];
  const shown = new Set<string>();
  const sections = subpaths.flatMap((subpath) => {
    const names = PUBLIC_NAMES.filter((name) => name.subpath === subpath);
    const options = names.filter(
      ({ name, members }) => name.endsWith('Options') && members.length > 0 && !shown.has(name),
    );
    for (const { name } of options) shown.add(name);
    const page = EXPLAINED[subpath.split('/').at(-1) ?? ''] ?? '';
    return [
      `## ${subpath}`,
      '',
      `More: [${page}](${page})`,
      '',
      '| name | is a | meaning |',
      '|---|---|---|',
      ...names.map(
        ({ name, kind, comment }) => `| \`${name}\` | ${kind} | ${cell(firstSentence(textOf(comment).text))} |`,
      ),
      '',
      ...options.flatMap(optionsTable),
    ];
  });
  return [
    '# Every public name',
    '',
    'This page is made from the declarations by `npm run docs:reference`. It lists what each entry of the package exports, and the options',
    'of its functions. An editor shows the same texts in full. Options that several functions share stand where they come first.',
    '',
    '| entry | names |',
    '|---|---|',
    ...subpaths.map((subpath) => {
      const values = PUBLIC_NAMES.filter((one) => one.subpath === subpath && !/^(?:interface|type)$/.test(one.kind));
      return `| [${subpath}](#${subpath.replaceAll('/', '')}) | ${values.map(({ name }) => `\`${name}\``).join(', ')} |`;
    }),
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
