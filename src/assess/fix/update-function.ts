import { NAMED_BY, UPDATE_NOTE, UPDATES, type UpdateKind, updateProgram } from './updates.js';

// A fix that stands alone repeats how an object is read and which of its fields an update does not accept. Where many fixes stand
// together, one shell function says it once, and each fix is a line that says what changes.

const NAME = 'update_cognito';
const KINDS = Object.keys(UPDATES) as UpdateKind[];

const branch = (kind: UpdateKind): string => {
  const { describe, update, read } = UPDATES[kind];
  const named = kind in NAMED_BY ? `"$5" --${NAMED_BY[kind as keyof typeof NAMED_BY]} "$4"` : '"$4"';
  return `    ${kind}) get=${describe} put=${update}\n      read='${read}'\n      set -- ${named} ;;`;
};

/**
 * Without `#` and `!` inside, so that it can be pasted into an interactive shell. The body in parentheses is a subshell: its
 * variables stay its own. What jq returns is never written to a file, and an answer that is empty is never sent. The answer of an
 * update is not shown: it holds the secret of an app client, and the AWS CLI would stop at each to let it be read.
 */
export const UPDATE_FUNCTION = `${UPDATE_NOTE.replace('this reads', `${NAME} reads`)}
${NAME}() (
  kind=$1 region=$2 pool=$3
  case $kind in
${KINDS.map(branch).join('\n')}
  esac
  change=$1
  shift
  input=$(aws cognito-idp $get --user-pool-id "$pool" --region "$region" "$@" --output json | jq --arg pool "$pool" "$read | $change") &&
    test -n "$input" &&
    aws cognito-idp $put --region "$region" --cli-input-json "$input" > /dev/null
)`;

const WORD = String.raw`'(?:[^']|'\\'')*'|[^\s']\S*`;
const ALONE = new RegExp(
  String.raw`^aws cognito-idp (\S+) --user-pool-id (\S+) --region (\S+)(?: --(?:${Object.values(NAMED_BY).join('|')}) (${WORD}))? --output json \\\n` +
    String.raw`  \| jq '((?:[^']|'\\'')*)' > \S+\n` +
    String.raw`aws cognito-idp \S+ --region \S+ --cli-input-json file://\S+$`,
  'gm',
);

/** A fix as a part of many: with calls of {@link UPDATE_FUNCTION} where it would stand on its own otherwise. */
export function withUpdateFunction(fix: string): string {
  return fix
    .replaceAll(`${UPDATE_NOTE}\n`, '')
    .replaceAll(
      ALONE,
      (alone, describe: string, pool: string, region: string, name: string | undefined, jq: string) => {
        const kind = KINDS.find((one) => UPDATES[one].describe === describe);
        const program = kind === undefined ? '' : updateProgram(kind, pool);
        if (kind === undefined || !jq.startsWith(program)) return alone;
        return [NAME, kind, region, pool, ...(name === undefined ? [] : [name]), `'${jq.slice(program.length)}'`].join(
          ' ',
        );
      },
    );
}

/** Whether a fix needs {@link UPDATE_FUNCTION}. */
export const needsUpdateFunction = (fix: string): boolean => fix.includes(UPDATE_NOTE);
