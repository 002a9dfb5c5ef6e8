import { join } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { DEFAULT_READ_RPS } from '../../migrate/calls/quotas.js';
import type { Manifest } from '../../migrate/csv/format/manifest.js';
import type { ImportCsvResult } from '../../migrate/csv/import/import-result.js';
import { refuse } from '../../options.js';
import { type CommandContext, type CommandResult, defineCommand } from '../command.js';
import { AGE_OPTIONS, COMMON_OPTIONS, defined, READ_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import {
  type CliOptions,
  fileOption,
  flagOption,
  matching,
  required,
  type Settings,
  textOption,
} from '../options/option.js';
import { newPoolAddress, openImportService } from '../planned-pools.js';
import { refuseOtherLegacyPools } from '../pools.js';
import { formatCount, formatTable, formatUsers } from '../terminal/format.js';
import { askYesNo } from '../terminal/terminal.js';
import { askAboutAge } from './confirm.js';

const FROM = '--from';

const roleArn = matching(/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/, 'a role like arn:aws:iam::123456789012:role/Name');

const OPTIONS = {
  ...COMMON_OPTIONS,
  from: required(fileOption('<folder>', 'folder that export-csv wrote')),
  logsRoleArn: required(textOption('<arn>', "role that lets Cognito write the import jobs' logs", roleArn)),
  yes: { ...flagOption('import without asking'), commandLineOnly: true },
  stopOnInterrupt: flagOption('on Ctrl-C, also stop the job that works in Cognito; the next run goes on'),
  ...AGE_OPTIONS,
  ...ENDURING_OPTIONS,
  ...READ_OPTIONS,
} satisfies CliOptions;

type ImportSettings = Settings<typeof OPTIONS>;

export const importCsvCommand = defineCommand({
  name: 'import-csv',
  summary: 'have Cognito import the files of export-csv, and see who arrived',
  description:
    'Has Cognito import the files of an export, one job after the other, follows the jobs, and then compares the new pool with the files. Can be stopped at any time, even killed, and goes on where it stopped; nobody is imported twice.',
  examples: [
    'cognito-cutover import-csv --from import --logs-role-arn arn:aws:iam::123456789012:role/CognitoImportLogs',
    'cognito-cutover import-csv --from import --logs-role-arn arn:aws:iam::123456789012:role/CognitoImportLogs --yes --json',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { from, logsRoleArn, yes, stopOnInterrupt, maxPlanAge, readRps = DEFAULT_READ_RPS } = settings;
    const { screen, signal, clock, patience } = context;
    const confirm = askBeforeImporting(yes, context);
    const { readManifest } = await import('../../migrate/csv/format/manifest.js');
    const manifest = readManifest(FROM, from);
    if (manifest === undefined) throw new ConfigurationError(FROM, `${from} is not the folder of an export`);
    refuseOtherThanExported(settings, manifest);
    const { runImportCsv } = await import('../../migrate/csv/import/import-run.js');
    const { MAPPING_FILE } = await import('../../migrate/csv/format/file-names.js');
    const { Pace } = await import('../../migrate/calls/pace.js');
    const { createUserDirectory } = await import('../../directory/command-line/user-directory.js');
    const { listUsers } = await import('../../migrate/listing/list-once.js');
    const directory = createUserDirectory(newPoolAddress(manifest.newPool, settings));
    const service = await openImportService(manifest.newPool, settings);
    const pace = new Pace(readRps, clock);
    try {
      const result = await runImportCsv({
        ...{ service, from, logsRoleArn, confirm, stopOnInterrupt, signal, clock, patience },
        ...defined({ maxPlanAge, confirmAge: askAboutAge(yes, context) }),
        listUsers: (sink) =>
          listUsers(
            { directory, side: 'new' },
            sink,
            { pace, estimatedUsers: undefined },
            { ...context, onProgress: context.screen.progress },
          ),
        onStep: screen.note,
      });
      const plan = planAgain(join(from, MAPPING_FILE), settings, manifest);
      return describe(result, { plan, retry: `export-csv --retry ${from} --out ${from}-2` }, context);
    } finally {
      service.close();
      directory.close();
    }
  },
});

/** Pools or an attribute that are not those of the export are a mistake in either. */
function refuseOtherThanExported(settings: ImportSettings, manifest: Manifest): void {
  const { from, newPool, attribute } = settings;
  if (newPool !== undefined && newPool !== manifest.newPool) {
    refuse('--new-pool', `${manifest.newPool}, the pool of ${from}`, newPool);
  }
  refuseOtherLegacyPools(settings, manifest.legacyPools, from);
  if (attribute !== undefined && attribute !== manifest.attribute) {
    refuse('--attribute', `${manifest.attribute}, as in ${from}`, attribute);
  }
}

/** The pools must be named for a plan; those that were given are repeated anyway. */
function planAgain(mapping: string, { legacyPool, newPool }: ImportSettings, manifest: Manifest): string {
  const legacy = legacyPool === undefined ? manifest.legacyPools.map((id) => ` --legacy-pool ${id}`).join('') : '';
  return `plan --mapping ${mapping}${legacy}${newPool === undefined ? ` --new-pool ${manifest.newPool}` : ''}`;
}

/** @throws ConfigurationError at once when nobody is there to be asked. */
function askBeforeImporting(yes: boolean, { stdin, stderr, screen, signal, hangUp }: CommandContext) {
  if (!yes && !(stdin.isTTY && stderr.isTTY)) {
    throw new ConfigurationError('--yes', 'is required where nobody can be asked: this is not a terminal');
  }
  return async ({ users, files }: { readonly users: number; readonly files: number }): Promise<boolean> => {
    screen.note(`To be imported: ${formatUsers(users)} in ${formatCount(files)} file${files === 1 ? '' : 's'}.`);
    screen.note(
      'Importing makes nobody monthly active. Everybody has to choose a new password at their first sign-in.',
    );
    if (yes) return true;
    screen.stop();
    return askYesNo(`Import ${formatUsers(users)}?`, { input: stdin, output: stderr, signal, hangUp });
  };
}

function describe(
  result: ImportCsvResult,
  next: { readonly plan: string; readonly retry: string },
  { colours, again }: CommandContext,
): CommandResult {
  const { imported, skipped, failed, arrivedSince, jobs, remaining, confirmed, missing, problems } = result;
  return {
    json: result,
    attention: failed > 0 || skipped > 0 || arrivedSince > 0 || missing > 0 || problems.length > 0,
    summary: [
      colours.bold(`Imported ${formatUsers(imported)}`),
      ...formatTable([
        ['skipped', `${formatCount(skipped)} (in the pool already)`],
        ['failed', formatCount(failed)],
        ...(arrivedSince > 0
          ? [
              [
                'left out',
                `${formatCount(arrivedSince)} (in the new pool since the plan; not-imported.csv names them)`,
              ] as const,
            ]
          : []),
        ['jobs', formatCount(jobs)],
        ...(remaining > 0 ? [['remaining', formatUsers(remaining)] as const] : []),
        ['confirmed', `${formatCount(confirmed)} found in the new pool as they were exported`],
        ['missing', missing === 0 ? '0' : `${formatCount(missing)} (missing.csv names them, with their lines)`],
      ]),
      ...problems.map(({ file, status, message }) => `${file}: ${status}. ${message}`),
      '',
      ...(confirmed > 0
        ? ['Then plan again, with those who arrived:', `  ${again(next.plan)}`]
        : ['Nobody was confirmed.']),
      ...(missing > 0 ? ['After that, those who are missing can be exported again:', `  ${again(next.retry)}`] : []),
    ],
  };
}
