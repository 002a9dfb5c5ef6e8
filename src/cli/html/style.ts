/** The style of the report: one page that reads well on a desk, on a phone, in the dark and on paper. */
export const REPORT_STYLE = `
:root {
  --page: #f5f6f8; --card: #ffffff; --text: #1c2530; --soft: #5b6775; --line: #dfe3e8; --track: #e9ecf0;
  --set: #2f6fde; --ok: #2a9d63; --new-born: #8b97a5; --not-migrated: #c3cad2;
  --unexplained: #b3261e; --conflict: #d9480f; --contradiction: #e8790c; --duplicate: #f0a10a; --ambiguous: #d4b106;
  --unverified: #9c7bd1; --failed: #b3261e; --good: #1d7a4b; --warn: #a8480a;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12171d; --card: #1b222b; --text: #e6ebf0; --soft: #9aa7b4; --line: #2d3742; --track: #28313b;
    --set: #5b93f5; --ok: #3fbf80; --new-born: #7a8796; --not-migrated: #4b5764;
    --unexplained: #f0655b; --conflict: #f27a3f; --contradiction: #f0953a; --unverified: #b395e3; --failed: #f0655b;
    --good: #5fd09a; --warn: #f5a15d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
main { max-width: 76rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; }
h3 { margin: 0; font-size: 1.05rem; }
p { margin: .5rem 0; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .8125em; }
.soft { color: var(--soft); }
.pools { overflow-wrap: anywhere; }
.verdict { margin: 1rem 0 0; font-size: 1.1rem; font-weight: 600; }
.verdict.good { color: var(--good); }
.verdict.warn { color: var(--warn); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; padding: 0; }
.card, .panel { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.card { padding: .9rem 1rem; }
.card dt { color: var(--soft); font-size: .875rem; }
.card dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.card dd + dd { color: var(--soft); font-size: .875rem; font-weight: 400; }
.panel { padding: 1rem 1.1rem 1.1rem; margin: 0 0 1rem; }
.whole { display: block; width: 100%; height: 1.75rem; border-radius: .35rem; margin-bottom: 1rem; }
.track { fill: var(--track); }
.set { fill: var(--set); } .ok { fill: var(--ok); } .new-born { fill: var(--new-born); }
.not-migrated { fill: var(--not-migrated); } .unexplained { fill: var(--unexplained); } .conflict { fill: var(--conflict); }
.contradiction { fill: var(--contradiction); } .duplicate { fill: var(--duplicate); } .ambiguous { fill: var(--ambiguous); }
.unverified { fill: var(--unverified); } .failed, .wrong { fill: var(--failed); } .missing { fill: var(--ambiguous); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-size: .8125rem; font-weight: 600; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.percent { display: inline-block; min-width: 4rem; color: var(--soft); }
.outcomes td:nth-child(1) { white-space: nowrap; font-weight: 600; }
.outcomes .share { width: 24%; padding-right: 0; vertical-align: middle; }
.bar { display: block; width: 100%; height: .6rem; }
.swatch { width: .75rem; height: .75rem; margin-right: .5rem; vertical-align: -.06rem; }
.group-head { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; }
.next { border-left: 3px solid var(--set); padding-left: .75rem; }
.rows { margin-top: .75rem; font-size: .9375rem; }
.rows td { overflow-wrap: anywhere; }
.rows .rule { overflow-wrap: normal; }
@media screen and (min-width: 76rem) {
  .rows .mono { white-space: nowrap; }
  .rows th:first-child { min-width: 13rem; }
}
.more { margin: .75rem 0 0; }
footer { margin-top: 3rem; color: var(--soft); font-size: .875rem; }
@media screen and (max-width: 44rem) {
  body { padding: 1.25rem .75rem 3rem; }
  h1 { font-size: 1.4rem; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .card { padding: .75rem .8rem; }
  .card dd { font-size: 1.2rem; }
  .outcomes thead, .rows thead { display: none; }
  .outcomes tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; padding: .6rem 0; border-top: 1px solid var(--line); }
  .outcomes td { border: 0; padding: 0; }
  .outcomes td:nth-child(1) { grid-row: 1; grid-column: 1; }
  .outcomes td:nth-child(3) { grid-row: 1; grid-column: 2; }
  .outcomes td:nth-child(2) { grid-row: 2; grid-column: 1 / -1; color: var(--soft); font-size: .9rem; }
  .outcomes .share { grid-row: 3; grid-column: 1 / -1; width: 100%; padding-top: .3rem; }
  .rows tr { display: block; padding: .6rem 0; border-top: 1px solid var(--line); }
  .rows td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .5rem; border: 0; padding: .1rem 0; }
  .rows td::before { content: attr(data-label); color: var(--soft); font: .8125rem/1.7 system-ui, sans-serif; }
  .rows td.empty { display: none; }
}
@media print {
  @page { margin: 14mm; }
  body { padding: 0; background: none; font-size: 10pt; }
  .card, .panel { border-color: #bbb; }
  .panel { border: 0; padding: 0; }
  thead { display: table-header-group; }
  .rows { table-layout: fixed; font-size: 8pt; }
  .rows .mono { font-size: 7pt; }
  .rows th:nth-child(1) { width: 21%; }
  .rows th:nth-child(2), .rows th:nth-child(3) { width: 22%; }
  .rows th:nth-child(4) { width: 12%; }
  tr, .card, .group-head, .next { break-inside: avoid; }
  h2, h3, .group-head, .reason { break-after: avoid; }
}
`;
