import { join } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { DEFAULT_READ_RPS } from '../../migrate/calls/quotas.js';
import type { ImportCsvResult } from '../../migrate/csv/import/import-result.js';
import { formatCount } from '../../words.js';
import { type CommandContext, type CommandResult, defineCommand } from '../define-command.js';
import { AGE_OPTIONS, COMMON_OPTIONS, defined, READ_OPTIONS, roleArn } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { nextPlan } from '../options/next-plan.js';
import { type CliOptions, commandLineOnly, fileOption, flagOption, required, valueOption } from '../options/option.js';
import { quoted } from '../options/read-options.js';
import { refuseOthers, withImport } from '../pools.js';
import { formatTable, formatUsers } from '../terminal/format.js';
import { announceImport, askAboutAge, askBeforeImporting, type ImportAhead } from './confirm.js';
import { targetRows } from './target.js';

const FROM = '--from';

const OPTIONS = {
  ...COMMON_OPTIONS,
  from: required(fileOption('<folder>', 'folder that export-csv wrote')),
  logsRoleArn: required(valueOption('<arn>', 'IAM role with which Cognito writes the logs of import jobs', roleArn)),
  yes: commandLineOnly(flagOption('import without asking')),
  dryRun: commandLineOnly(flagOption('check everything and show what would be imported, but import nothing')),
  stopOnInterrupt: flagOption('on Ctrl-C, also stop the running import job in Cognito; the next run continues'),
  ...AGE_OPTIONS,
  ...ENDURING_OPTIONS,
  ...READ_OPTIONS,
} satisfies CliOptions;

export const importCsvCommand = defineCommand({
  name: 'import-csv',
  stage: 'cutover',
  summary: 'have Cognito import these files, and check who arrived',
  description:
    'Has Cognito import the files of an export, one job at a time, waits for the jobs, and then compares the new pool with the files. You can stop it at any time, even kill it; run it again to continue. Nobody is imported twice.',
  examples: [
    'cognito-cutover import-csv --from import --logs-role-arn arn:aws:iam::123456789012:role/Logs',
    'cognito-cutover import-csv --from import --logs-role-arn arn:aws:iam::123456789012:role/Logs --dry-run',
    'cognito-cutover import-csv --from import --logs-role-arn arn:aws:iam::123456789012:role/Logs --yes --json',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { from, logsRoleArn, yes, stopOnInterrupt, maxPlanAge, dryRun, readRps = DEFAULT_READ_RPS } = settings;
    const { screen, signal, clock, patience } = context;
    const ask = dryRun ? announceImport(context) : askBeforeImporting(yes, context);
    const { readManifest } = await import('../../migrate/csv/format/manifest.js');
    const manifest = readManifest(FROM, from);
    if (manifest === undefined) throw new ConfigurationError(FROM, `${from} is not the folder of an export`);
    refuseOthers(settings, manifest, from);
    const { runImportCsv } = await import('../../migrate/csv/import/import-run.js');
    const { MAPPING_FILE } = await import('../../migrate/csv/format/file-names.js');
    const { Pace } = await import('../../migrate/calls/pace.js');
    const { listUsers } = await import('../../migrate/listing/list-once.js');
    const pace = new Pace(readRps, clock);
    return withImport(manifest.newPool, settings, async ({ directory, service }) => {
      let wouldImport = 0;
      const target = { pool: directory, attribute: manifest.attribute, roleArn: settings.newRoleArn };
      const confirm = async (ahead: ImportAhead) => {
        wouldImport = ahead.users;
        return ask(ahead, [...(await targetRows(target, signal)), ['job role', logsRoleArn]]);
      };
      const result = await runImportCsv({
        ...{ service, from, logsRoleArn, confirm, stopOnInterrupt, signal, clock, patience },
        ...defined({ maxPlanAge, confirmAge: askAboutAge(yes, context) }),
        listUsers: (sink) =>
          listUsers(
            { directory, side: 'new' },
            sink,
            { pace, estimatedUsers: undefined },
            { ...context, onProgress: screen.progress },
          ),
        onStep: screen.note,
      });
      if (dryRun && wouldImport > 0) return describeDryRun(result, wouldImport, context);
      const plan = nextPlan(manifest, settings, join(from, MAPPING_FILE));
      return describe(
        result,
        { plan, retry: `export-csv --retry ${quoted(from)} --out ${quoted(`${from}-2`)}` },
        context,
      );
    });
  },
});

function describeDryRun(
  result: ImportCsvResult,
  wouldImport: number,
  { colours, again }: CommandContext,
): CommandResult {
  return {
    json: { ...result, dryRun: true, wouldImport },
    attention: false,
    summary: [
      colours.bold(`Would import ${formatUsers(wouldImport)}; nothing was imported`),
      'Next, import them:',
      `  ${again('import-csv')}`,
    ],
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
        ['skipped', `${formatCount(skipped)} (already in the pool)`],
        ['failed', formatCount(failed)],
        ...(arrivedSince > 0
          ? [
              [
                'left out',
                `${formatCount(arrivedSince)} (came to the new pool after the plan; not-imported.csv names them)`,
              ] as const,
            ]
          : []),
        ['jobs', formatCount(jobs)],
        ...(remaining > 0 ? [['remaining', formatUsers(remaining)] as const] : []),
        ['confirmed', `${formatCount(confirmed)} found in the new pool as exported`],
        ['missing', missing === 0 ? '0' : `${formatCount(missing)} (missing.csv names them, with their lines)`],
      ]),
      ...problems.map(({ file, status, message }) => `${file}: ${status}. ${message}`),
      '',
      ...(confirmed > 0
        ? ['Next, plan again with the users who arrived:', `  ${again(next.plan)}`]
        : ['Nobody was confirmed.']),
      ...(missing > 0 ? ['Then export the missing users again:', `  ${again(next.retry)}`] : []),
    ],
  };
}
