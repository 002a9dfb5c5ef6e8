import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, type ScalarTag } from 'yaml';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: { readonly Ref?: string; readonly GetAtt?: string; readonly Sub?: string };
}

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>> & {
    readonly Roles?: readonly { readonly Ref: string }[];
    readonly PolicyDocument?: { readonly Statement: readonly (Statement | { readonly If: readonly unknown[] })[] };
  };
}

export interface FunctionProperties {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

const scalar = (name: string): ScalarTag => ({ tag: `!${name}`, resolve: (text: string) => ({ [name]: text }) });
const list = (name: string) => ({
  tag: `!${name}`,
  collection: 'seq' as const,
  resolve: (items: { toJSON(): unknown }) => ({ [name]: items.toJSON() }),
});
const customTags = [
  ...['Ref', 'GetAtt', 'Sub'].map(scalar),
  ...['If', 'Equals', 'Not', 'And', 'Or', 'Contains', 'Join'].map(list),
];

export interface Template {
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

const folder = fileURLToPath(new URL('../../examples/triggers/', import.meta.url));
export const textOf = (file: string) => readFileSync(`${folder}${file}`, 'utf8');
/** A template of examples/triggers, its intrinsic functions as objects of one field. */
export const templateOf = (file: string) => parse(textOf(file), { customTags }) as Template;
