import { DEFAULT_READ_RPS } from '../../migrate/calls/quotas.js';
import { counted, formatCount } from '../../words.js';
import { type CommandResult, defineCommand } from '../define-command.js';
import { AGE_OPTIONS, COMMON_OPTIONS, defined, READ_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { fileOption, numberOption, required } from '../options/option.js';
import { quoted } from '../options/read-options.js';
import { withPlannedExport } from '../pools.js';
import { formatTable, formatUsers } from '../terminal/format.js';
import { askAboutAge } from './confirm.js';

export const exportCsvCommand = defineCommand({
  name: 'export-csv',
  stage: 'cutover',
  summary: "write users who never moved to files for Cognito's user import",
  description:
    "Writes the legacy users whom no new user matches in the finished plan to files for Cognito's user import, with their legacy id filled in. Users who may be in the new pool already, or who cannot be imported, go to not-imported.csv with the reason. Changes nothing in a pool.",
  examples: [
    'cognito-cutover export-csv --out import',
    'cognito-cutover export-csv --config cutover.json --out import --json',
    'cognito-cutover export-csv --retry import --out import-2',
  ],
  options: {
    ...COMMON_OPTIONS,
    out: required(fileOption('<folder>', 'folder for the files; only you can read it')),
    retry: fileOption('<folder>', 'folder of an earlier export: write only users whom its import did not bring in'),
    maxUsersPerFile: numberOption('<number>', 'maximum users in a file (default: 500000, as many as Cognito allows)', {
      min: 1,
      max: 500_000,
      integer: true,
    }),
    maxBytesPerFile: numberOption(
      '<number>',
      'maximum bytes in a file (default: 100000000, as many as Cognito allows)',
      {
        min: 100_000,
        max: 100_000_000,
        integer: true,
      },
    ),
    ...AGE_OPTIONS,
    ...ENDURING_OPTIONS,
    ...READ_OPTIONS,
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { signal, clock, patience, colours, again } = context;
    const { out, maxUsersPerFile, maxBytesPerFile, maxPlanAge, retry, readRps = DEFAULT_READ_RPS } = settings;
    const confirmAge = askAboutAge(false, context);
    const { runExportCsv } = await import('../../migrate/csv/export/export-run.js');
    const { Pace } = await import('../../migrate/calls/pace.js');
    const { listUsers } = await import('../../migrate/listing/list-once.js');
    const pace = new Pace(readRps, clock);
    const result = await withPlannedExport(settings, (opened) =>
      runExportCsv({
        ...opened,
        out,
        ...defined({ maxUsersPerFile, maxBytesPerFile, maxPlanAge, confirmAge, retry }),
        listUsers: (directory, sink, estimatedUsers) =>
          listUsers(
            { directory, side: 'legacy' },
            sink,
            { pace, estimatedUsers },
            { ...context, onProgress: context.screen.progress },
          ),
        signal,
        clock,
        patience,
      }),
    );
    const { exported, notImported, claimed, files, droppedAttributes, misfitAttributes, uuidUsernames, reasons } =
      result;
    return {
      json: result,
      attention: false,
      summary: [
        colours.bold(`${formatUsers(exported)} in ${counted(files, 'file')} in ${out}`),
        ...formatTable([
          ['already in the new pool', formatCount(claimed)],
          ['not exported', `${formatCount(notImported)} (not-imported.csv says why)`],
          ...Object.entries(reasons).map(([reason, users]): [string, string] => [`  ${reason}`, formatCount(users)]),
        ]),
        ...countedAttributes('The new pool does not have these attributes; they are left out:', droppedAttributes),
        ...countedAttributes('The new pool does not accept these values; they are left out:', misfitAttributes),
        ...(uuidUsernames === 0
          ? []
          : [
              '',
              colours.yellow(
                `${formatUsers(uuidUsernames)} could sign in only with a UUID: the legacy pool generated their usernames.`,
              ),
              'Let users sign in to the new pool with their e-mail address or phone number before you import them.',
            ]),
        '',
        ...(exported === 0
          ? ['There is nobody to import.']
          : ['Next, import them:', `  ${again(`import-csv --from ${quoted(out)} --logs-role-arn ROLE`)}`]),
      ],
    };
  },
});

function countedAttributes(heading: string, users: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(users).map(([name, count]): [string, string] => [name, formatUsers(count)]);
  return rows.length === 0 ? [] : ['', heading, ...formatTable(rows)];
}
