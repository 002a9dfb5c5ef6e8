import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>;
}

interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  readonly comment: string;
}

interface Declaration {
  readonly name: string;
  readonly kind: string;
  /** The comment in front of it; '' where there is none. */
  readonly comment: string;
  /** Fields and methods of an interface, those that it extends included. */
  readonly members: readonly Member[];
}

/** What a user can import, and from where. */
export interface PublicName extends Declaration {
  readonly subpath: string;
}

const COMMENT = String.raw`/\*\*(?:(?!\*/)[\s\S])*\*/`;
const DECLARATION = new RegExp(
  `^(${COMMENT}\\n)?(?://.*\\n)*(?:export )?(?:abstract |async )?(class|function|const|interface|type) (\\w+)(.*)$`,
  'gm',
);
const REEXPORT = /^export (type )?(?:\{([^}]*)\}|\*) from '(\.[^']+)';/gm;
const MEMBER = new RegExp(`^(?: {2}(${COMMENT})\\n)? {2}(?:readonly )?(\\w+)(\\??)[:(<]`, 'gm');

interface Raw {
  readonly name: string;
  readonly kind: string;
  readonly comment: string;
  readonly isExported: boolean;
  readonly own: readonly Member[];
  readonly parents: readonly string[];
}

function declarationsIn(file: string): Raw[] {
  const text = read(file);
  return [...text.matchAll(DECLARATION)].map((found) => {
    const [whole, comment = '', kind = '', name = '', rest = ''] = found;
    const after = text.slice(found.index + whole.length - rest.length);
    const body = kind === 'interface' ? (/\{\n([\s\S]*?)^\}/m.exec(after)?.[1] ?? '') : '';
    const [, extended = ''] = (kind === 'interface' && /extends ([^{]*)/.exec(after.split('{\n')[0] ?? '')) || [];
    return {
      ...{ name, kind, comment },
      isExported: /^export /m.test(whole.slice(comment.length)),
      own: [...body.matchAll(MEMBER)].map(([, of = '', member = '', mark]) => ({
        ...{ name: member, isOptional: mark === '?', comment: of },
      })),
      parents: [...extended.matchAll(/\b[A-Z]\w+/g)].map(([parent]) => parent),
    };
  });
}

const everywhere = new Map(
  ['src', 'middleware']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((name) => name.endsWith('.ts'))
    .flatMap(declarationsIn)
    .map((declaration) => [declaration.name, declaration]),
);

const membersOf = ({ own, parents }: Raw): Member[] => {
  const inherited = parents.flatMap((parent) => {
    const found = everywhere.get(parent);
    return found === undefined ? [] : membersOf(found);
  });
  return [...own, ...inherited.filter(({ name }) => !own.some((member) => member.name === name))];
};

/** `export const { a, b } = …`: the comment is about all of them. */
const DESTRUCTURED = new RegExp(`^(${COMMENT}\\n)?export const \\{ ([\\w, ]+) \\} = `, 'gm');

const destructuredIn = (text: string): Declaration[] =>
  [...text.matchAll(DESTRUCTURED)].flatMap(([, comment = '', list = '']) =>
    list.split(', ').map((name) => ({ name, kind: 'const', comment, members: [] })),
  );

/** The names that a source exports, its own and those of others. */
function namesOf(file: string): Declaration[] {
  const own = declarationsIn(file)
    .filter(({ isExported }) => isExported)
    .map((raw) => ({ name: raw.name, kind: raw.kind, comment: raw.comment, members: membersOf(raw) }));
  const others = [...read(file).matchAll(REEXPORT)].flatMap(([, ofTypes, list, from = '']) => {
    const all = namesOf(normalize(join(dirname(file), from)).replace(/\.js$/, '.ts'));
    if (list === undefined) return all;
    const wanted = list.split(',').map((one) => one.trim());
    return wanted
      .filter((one) => one !== '')
      .map((one) => {
        const isType = ofTypes !== undefined || one.startsWith('type ');
        const [name = '', as = name] = one.replace(/^type /, '').split(' as ');
        const found = all.find((other) => other.name === name);
        if (found === undefined) throw new Error(`${file} exports ${name}, which ${from} does not declare`);
        return { ...found, name: as, kind: isType && found.kind !== 'interface' ? 'type' : found.kind };
      });
  });
  return [...own, ...destructuredIn(read(file)), ...others];
}

const { exports } = JSON.parse(read('package.json')) as Manifest;

/** Everything that the package exports, by subpath. */
export const PUBLIC_NAMES: readonly PublicName[] = Object.entries(exports).flatMap(([subpath, entry]) => {
  if (typeof entry === 'string') return [];
  const file = entry.import.default.replace(/^\.\/dist\/esm\//, '').replace(/\.js$/, '.ts');
  const names = namesOf(file).map((name) => ({ ...name, subpath: join('cognito-cutover', subpath) }));
  // An overload is not another name; the first has the comment.
  return names.filter((one, at) => names.findIndex(({ name }) => name === one.name) === at);
});
