/** The style of the report: one page that reads well on a desk, on a phone, in the dark and on paper. */
export const REPORT_STYLE = `
:root {
  --page: #f5f6f8; --card: #ffffff; --text: #1c2530; --soft: #566270; --line: #dfe3e8; --track: #e9ecf0; --link: #1d5bc4;
  --set: #275ba1; --ok: #509b7a; --new-born: #6a6b6c; --not-migrated: #98a2ad;
  --unexplained: #6f161c; --conflict: #ad5313; --contradiction: #830b60; --duplicate: #6e4800; --ambiguous: #a19621;
  --unverified: #a562f0; --failed: #1d1715; --left: #b4bdc7; --good: #1d7a4b; --warn: #a8480a;
  --on-dark: #ffffff; --on-light: #12171d;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12171d; --card: #1b222b; --text: #e6ebf0; --soft: #9aa7b4; --line: #2d3742; --track: #28313b; --link: #8db6ff;
    --set: #5596fc; --ok: #53f9aa; --new-born: #afbfd0; --not-migrated: #66727f;
    --unexplained: #bd3e59; --conflict: #f66526; --contradiction: #c67daf; --duplicate: #f7ad37; --ambiguous: #f0ec04;
    --unverified: #7560a7; --failed: #edf5fe; --left: #66727f; --good: #5fd09a; --warn: #f5a15d;
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
.verdict.warn, .verdict.warn a { color: var(--warn); }
.verdict + .verdict { margin-top: .25rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
:target { outline: 2px solid var(--link); outline-offset: 2px; scroll-margin-top: 1rem; }
header > .panel { margin: .75rem 0 0; }
header h2 { margin-top: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; padding: 0; }
.card, .panel { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.card { padding: .9rem 1rem; }
.card dt { color: var(--soft); font-size: .875rem; }
.card dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.card dd + dd { color: var(--soft); font-size: .875rem; font-weight: 400; }
.panel { padding: 1rem 1.1rem 1.1rem; margin: 0 0 1rem; }
.whole { display: block; width: 100%; height: 1.75rem; border-radius: .35rem; margin-bottom: 1rem; }
.whole rect:not(.track) { stroke: var(--card); stroke-width: 1.5px; }
.track { fill: var(--track); }
.set { fill: var(--set); } .ok { fill: var(--ok); } .new-born { fill: var(--new-born); }
.not-migrated { fill: var(--not-migrated); } .unexplained { fill: var(--unexplained); } .conflict { fill: var(--conflict); }
.contradiction { fill: var(--contradiction); } .duplicate { fill: var(--duplicate); } .ambiguous { fill: var(--ambiguous); }
.unverified { fill: var(--unverified); } .failed, .wrong { fill: var(--failed); }
.written { fill: var(--ok); } .rolled-back { fill: var(--unverified); } .skipped, .missing { fill: var(--ambiguous); } .left { fill: var(--left); }
.mark { font: 700 .75rem/1 system-ui, sans-serif; text-anchor: middle; }
.swatch .mark { font-size: 11px; }
.mark { fill: var(--on-dark); }
.mark.ok, .mark.ambiguous, .mark.unverified, .mark.written, .mark.rolled-back, .mark.skipped, .mark.left { fill: var(--on-light); }
@media screen and (prefers-color-scheme: dark) {
  .mark { fill: var(--on-light); }
  .mark.unexplained, .mark.unverified, .mark.rolled-back, .mark.left { fill: var(--on-dark); }
}
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-size: .8125rem; font-weight: 600; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.percent { display: inline-block; min-width: 4.25rem; color: var(--soft); font-weight: 400; }
tbody th { font-weight: 600; }
tfoot th, tfoot td { border-top: 2px solid var(--soft); font-weight: 700; }
.outcomes { table-layout: fixed; }
.outcomes + .outcomes { margin-top: 1.5rem; }
.outcomes thead th:nth-child(1) { width: 11rem; }
.outcomes thead .number { width: 12rem; }
.outcomes .number { padding-right: 1.25rem; }
.outcomes .none th, .outcomes .none td { color: var(--soft); font-weight: 400; }
.sums { margin-bottom: .5rem; }
.outcomes .share, .outcomes thead th:nth-child(4) { width: 22%; padding-right: 0; vertical-align: middle; }
.bar { display: block; width: 100%; height: .6rem; }
.swatch { width: .75rem; height: .75rem; margin-right: .5rem; vertical-align: -.06rem; }
.swatch.marked { width: 1.05rem; height: 1.05rem; vertical-align: -.2rem; }
.group-head { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; }
.next { border-left: 3px solid var(--set); padding-left: .75rem; }
.rows { margin-top: .75rem; font-size: .9375rem; table-layout: fixed; }
.rows td { overflow-wrap: anywhere; }
.rows thead .name { width: 19%; }
.rows thead .mono { width: 23.5%; font-family: inherit; font-size: .8125rem; }
.rows thead .rule { width: 9%; }
.rows td.rule { overflow-wrap: break-word; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--link); padding: .35rem 0; }
.more { margin: .75rem 0 0; }
.todo { margin: .5rem 0 0; padding-left: 1.5rem; }
.todo li { margin: .4rem 0; }
.command {
  display: block; margin: .35rem 0; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--page);
  overflow-wrap: anywhere; user-select: all;
}
footer { margin-top: 3rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 60rem) {
  .outcomes thead th:nth-child(1) { width: 10.25rem; }
  .outcomes .share, .outcomes thead th:nth-child(4) { width: 14%; }
}
@media screen and (max-width: 44rem) {
  body { padding: 1.25rem .75rem 3rem; }
  h1 { font-size: 1.4rem; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .card { padding: .75rem .8rem; }
  .card dd { font-size: 1.2rem; }
  .whole .narrow { display: none; }
  .outcomes thead, .rows thead { display: none; }
  .outcomes tbody, .outcomes tfoot, .rows tbody { display: block; }
  .outcomes tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: .75rem; padding: .6rem 0; border-top: 1px solid var(--line); }
  .outcomes tbody tr:first-child { border-top: 0; }
  .outcomes tfoot tr { border-top: 2px solid var(--soft); }
  .outcomes th, .outcomes td { border: 0; padding: 0; }
  .outcomes tbody th, .outcomes tfoot th { grid-row: 1; grid-column: 1; }
  .outcomes .number { grid-row: 1; grid-column: 2; padding: 0; }
  .outcomes .meaning { grid-row: 2; grid-column: 1 / -1; color: var(--soft); font-size: .9rem; }
  .outcomes .share { grid-row: 3; grid-column: 1 / -1; width: 100%; padding-top: .3rem; }
  .sums.many thead { display: none; }
  .sums.many tr, .sums.many th { display: block; }
  .sums.many tr { padding: .5rem 0; border-top: 1px solid var(--line); }
  .sums.many th, .sums.many td { border: 0; padding: .1rem 0; }
  .sums.many tfoot tr { border-top: 2px solid var(--soft); }
  .sums.many td { display: flex; justify-content: space-between; }
  .sums.many td::before { content: attr(data-label); color: var(--soft); font-weight: 400; }
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
  .rows { font-size: 8pt; }
  .rows .mono { font-size: 7pt; }
  a { color: inherit; }
  .outcomes thead .number { width: 10rem; }
  tr, .card, .group-head, .next, .todo li { break-inside: avoid; }
  h2, h3, .group-head, .reason { break-after: avoid; }
}
`;
