import { describe, expect, it } from 'vitest';
import { assess } from '../../../../src/assess/assess.js';
import { clientSection, costSection, settingsSection } from '../../../../src/cli/commands/assess/page-tables.js';
import { client, context, pair } from '../../../assess/pools.js';

const assessment = assess(pair({ new: { settings: { aliasAttributes: [] } } }), context);

describe('the tables of the page', () => {
  it('mark the settings that differ, and those that are fixed', () => {
    const { text } = settingsSection(assessment);
    expect(text).toMatch(/<tr class="differs"><th scope="row">Sign-in names <span class="tag">fixed at creation</);
    expect(text).toContain('<tr class="same">');
    expect(text).toContain('<th scope="col">legacy <code>eu-west-1_Legacy001</code></th>');
  });

  it('say what each way costs, or that none does', () => {
    const { cost } = assessment;
    expect(costSection(cost!).text).toMatch(
      /Backfill of the new pool<\/th>\n<td data-label="Users" class="number">900</,
    );
    expect(costSection(cost!).text).toContain('<tr class="note-row"><td colspan="6" data-label="">For users who are');
    expect(costSection({ ...cost!, ways: [] }).text).toContain('<p>Nothing: users arrive by signing in');
  });

  it('show an app client with what it may read and write, and a machine as one', () => {
    const machine = client({ id: 'job', name: 'Job', oauthFlows: ['client_credentials'], hasSecret: true });
    const { text } = clientSection(assess(pair({ legacy: { clients: [machine] } }), context));
    expect(text).toContain('Job <span class="tag">machine</span> <span class="tag">secret</span>');
    expect(clientSection({ ...assessment, clients: [] }).text).toBe('<section id="clients"></section>');
  });
});
