/** The style that the assessment's page needs besides the report's. */
export const ASSESS_STYLE = `
:root {
  --blocker: #b3261e; --warning: #a8480a; --info: #2f6fde; --unknown: #6b5a95;
  --native: #2f6fde; --federated: #7b4fc9; --third: #2a9d63; --fourth: #d98a00; --fifth: #b0437f; --sixth: #0f8a93; --done: #b7c3cf; --rest: #8b97a5;
  --code: #eef1f5;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --blocker: #f0655b; --warning: #f5a15d; --info: #7aa8f8; --unknown: #b9a5e6;
    --native: #5b93f5; --federated: #b395e3; --third: #3fbf80; --fourth: #f0b445; --fifth: #e487b6; --sixth: #4cc3cb; --done: #4a5866; --rest: #7a8796;
    --code: #141a21;
  }
}
h3, h4, .card, .panel p, .panel li { overflow-wrap: anywhere; }
h3, .card { min-width: 0; }
nav { margin: 1.25rem 0 0; display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; font-size: .9375rem; }
.native { fill: var(--native); } .federated { fill: var(--federated); } .third { fill: var(--third); }
.fourth { fill: var(--fourth); } .fifth { fill: var(--fifth); } .sixth { fill: var(--sixth); } .done { fill: var(--done); } .rest { fill: var(--rest); }
.card.blocker dd:nth-of-type(1) { color: var(--blocker); }
.card.warning dd:nth-of-type(1) { color: var(--warning); }
.card.passed dd:nth-of-type(1) { color: var(--good); }
.card.unknown dd:nth-of-type(2) { color: var(--unknown); }
.verdict.blocked { color: var(--blocker); }
.group { margin: 1.75rem 0 .6rem; }
.panel > summary { display: flex; gap: .6rem; align-items: baseline; margin: -1rem -1.1rem -1.1rem; padding: .8rem 1.1rem; color: inherit; list-style: none; border-radius: .6rem; }
.panel[open] > summary { margin-bottom: 0; padding-bottom: .3rem; }
.panel > summary::-webkit-details-marker { display: none; }
.panel > summary::before { content: "▸" / ""; color: var(--link); width: .8rem; flex: none; }
.panel[open] > summary::before { content: "▾" / ""; }
.panel > summary h3, .panel > summary h4 { flex: 1; min-width: 0; margin: 0; font-size: 1.05rem; }
.panel > summary h3 { font-size: 1rem; }
.finding { border-left: .3rem solid var(--info); margin-bottom: .6rem; }
.finding:has(:target) { outline: 2px solid var(--link); outline-offset: 2px; }
.body:target { outline: 0; scroll-margin-top: 5rem; }
.finding.blocker { border-left-color: var(--blocker); }
.finding.warning { border-left-color: var(--warning); }
.badge { font-size: .75rem; font-weight: 700; letter-spacing: .04em; text-transform: uppercase; color: var(--info); white-space: nowrap; }
.blocker .badge { color: var(--blocker); }
.warning .badge { color: var(--warning); }
.unknown .badge { color: var(--unknown); }
.finding dl { display: grid; grid-template-columns: 3.25rem 1fr; gap: .35rem .75rem; margin: .6rem 0 0; }
.finding dt { color: var(--soft); }
.finding dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
pre { user-select: all; margin: .35rem 0 0; padding: .6rem .75rem; border-radius: .4rem; background: var(--code); white-space: pre-wrap; overflow-wrap: anywhere; font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.code-line { display: block; }
.meta { margin: .1rem 0 0; font-size: .875rem; overflow-wrap: anywhere; }
.meta a { white-space: nowrap; }
.legend { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .3rem 2rem; }
.legend li { display: grid; grid-template-columns: auto 1fr auto; align-items: baseline; }
.legend.inline { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.legend.inline li { grid-template-columns: auto auto; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.two > .panel { margin: 0; min-width: 0; }
.two h4 { margin: 1.1rem 0 .4rem; font-size: .9375rem; }
.facts th { width: 99%; padding-right: 1rem; font-weight: 400; }
.curve { margin: 0; }
.plot { display: grid; grid-template-columns: auto 1fr; gap: .35rem .6rem; margin-top: .9rem; }
.plot svg { width: 100%; height: 15rem; display: block; overflow: visible; }
.axis-y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; margin: -.6em 0; }
.axis-y, .axis-x { color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.axis-x { grid-column: 2; display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; text-align: center; white-space: nowrap; }
.grid { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke; }
.line, .dots { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line { stroke-width: 2.5px; }
.dots { stroke-width: 7px; stroke-linecap: round; }
.line.native, .dots.native { stroke: var(--native); }
.line.federated, .dots.federated { stroke: var(--federated); }
.line.federated { stroke-dasharray: 6 4; }
.note { font-size: .9375rem; color: var(--soft); }
.ways { margin-top: 1rem; }
.settles { margin: .15rem 0 0; font-size: .875rem; }
.settles a.blocker { color: var(--blocker); } .settles a.warning { color: var(--warning); }
.steps { margin: 0; padding-left: 2rem; }
.steps li { margin: .35rem 0; padding-left: .25rem; }
.grid-table td, .grid-table th { overflow-wrap: break-word; }
.grid-table code { overflow-wrap: anywhere; }
.settings, .clients { table-layout: fixed; }
.clients thead th:nth-child(2), .clients thead th:nth-child(3) { width: 18%; }
.settings td, .settings th, .clients td, .clients th { overflow-wrap: anywhere; }
.costs .number { padding-right: 0; }
.costs .note-row td { border-top: 0; padding-top: 0; color: var(--soft); font-size: .9375rem; }
.grid-table tbody th { font-weight: 500; width: 18rem; }
.grid-table .number { padding-left: 1rem; }
.facts .number { padding-right: 0; }
.grid-table tr.differs th { font-weight: 700; }
tr.differs td { color: var(--text); }
tr.same td { color: var(--soft); }
.tag { display: inline-block; margin-right: .4rem; padding: 0 .4rem; border: 1px solid var(--line); border-radius: .3rem; font-size: .75rem; font-weight: 500; color: var(--soft); white-space: nowrap; }
.tag.bad { color: var(--blocker); border-color: currentColor; }
.tag.unsure { color: var(--warning); border-color: currentColor; }
.panel.unknown { border-left: .3rem solid var(--unknown); }
@media (min-width: 44rem) {
  .card dd:nth-of-type(1) { font-size: 1.4rem; overflow-wrap: break-word; }
}
@media screen and (max-width: 44rem) {
  .grid-table thead { display: none; }
  .grid-table tr { display: block; padding: .6rem 0; border-top: 1px solid var(--line); }
  .grid-table tbody:first-of-type tr:first-child, .costs .note-row { border-top: 0; }
  .costs .note-row { padding-top: 0; }
  .grid-table tbody th { display: block; width: auto; border: 0; padding: 0; font-weight: 600; }
  .grid-table td, .grid-table td.number { display: grid; grid-template-columns: 6.5rem 1fr; gap: .5rem; border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  .grid-table td[data-label=""] { display: block; }
  .grid-table td[data-label=""]::before { content: none; }
  .grid-table td::before { content: attr(data-label); color: var(--soft); font-size: .8125rem; }
  .legend { grid-template-columns: 1fr; }
  .finding dl { grid-template-columns: 1fr; gap: .1rem; }
  .finding dt { margin-top: .4rem; font-size: .8125rem; }
  .plot svg { height: 12rem; }
  .axis-x { font-size: .6875rem; }
  .group-head { display: block; }
}
@media print {
  nav { display: none; }
  details::details-content { content-visibility: visible; }
  .panel > summary, .panel[open] > summary { margin: 0; padding: 0; break-after: avoid; }
  .panel > summary::before, .panel[open] > summary::before { content: none; }
  pre { border: 1px solid #ccc; font-size: 7pt; }
  .panel.finding { border-left: .3rem solid #888; padding: 0 0 0 .75rem; }
  .finding dl, .curve, .legend li { break-inside: avoid; }
  .grid-table { font-size: 9pt; }
  .grid-table thead th { font-size: 8pt; }
  .note, .meta, .settles, .costs .note-row td { font-size: 8.5pt; }
  .costs tbody { break-inside: avoid; }
  .plot svg { height: 45mm; }
}
`;
