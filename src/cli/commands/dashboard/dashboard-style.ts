/** The style that the dashboard needs besides the report's. */
export const DASHBOARD_STYLE = `
:root { --legacy: #ad5313; --new: #275ba1; }
@media screen and (prefers-color-scheme: dark) { :root { --legacy: #f5a15d; --new: #5596fc; } }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; padding: .4rem .7rem; background: var(--card); z-index: 1; }
.top, main, footer { max-width: 76rem; margin-left: auto; margin-right: auto; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem 1rem; }
section > .head { margin: 2.5rem 0 .75rem; }
.head h2 { margin: 0; }
.read, .live { margin: 0; color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.live { padding: .1rem .7rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); }
.live.on { color: var(--good); border-color: currentcolor; }
.live.off { color: var(--warn); border-color: currentcolor; }
#overview:focus { outline: 0; }
.cards { grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
.card { min-width: 0; }
.card dd { overflow-wrap: anywhere; }
.card.passed dd:nth-of-type(1) { color: var(--good); }
.card.held dd:nth-of-type(1) { color: var(--warn); }
.card.unknown dd:nth-of-type(1), .card.stale dd:nth-of-type(1) { color: var(--soft); }
.card.stale dd:nth-of-type(2)::after { content: " (old)"; }
.card.words dd:nth-of-type(1) { font-size: 1.2rem; line-height: 1.73; }
.panel .verdict:first-child { margin-top: 0; }
.awaited { color: var(--soft); }
.trouble { border-left: .3rem solid var(--warn); }
.trouble p, .awaited p { margin: 0; overflow-wrap: anywhere; }
.notice { margin: .6rem 0; padding-left: .75rem; border-left: 3px solid var(--warn); overflow-wrap: anywhere; }
.progress { display: grid; grid-template-columns: 1fr auto; gap: .75rem; align-items: center; margin: .9rem 0; font-weight: 650; font-variant-numeric: tabular-nums; }
.progress .bar { height: .9rem; border-radius: .45rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: .5rem 2rem; margin: .9rem 0 0; }
.facts dt { color: var(--soft); font-size: .875rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
#next h2 { margin: 0; }
.panel > h3 { margin-bottom: .5rem; }
.choice, .pager { display: flex; flex-wrap: wrap; gap: .4rem .75rem; align-items: center; }
.choice a, .pager a, .filter button, .csv { display: inline-block; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--card); color: var(--link); text-decoration: none; font: inherit; }
.choice a[aria-current] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link); font-weight: 650; }
.pager { margin-top: .9rem; }
.filter { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end; }
.filter label { display: grid; gap: .2rem; color: var(--soft); font-size: .875rem; min-width: 0; flex: 0 1 21rem; }
.filter select, .filter input { width: 100%; min-height: 2.4rem; padding: .3rem .5rem; border: 1px solid var(--soft); border-radius: .4rem; background: var(--page); color: var(--text); font: inherit; font-size: 1rem; }
.filter button { min-height: 2.4rem; cursor: pointer; }
.csv { margin-left: auto; }
.filter :focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.people thead .name { width: 15%; } .people thead .outcome-name { width: 8.5rem; } .people thead .mono { width: 17%; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; margin-top: 1rem; }
.figures > .panel { margin: 0; min-width: 0; }
.traffic figcaption { overflow-wrap: anywhere; }
.traffic h3 { display: inline; }
.plot { display: grid; grid-template-columns: auto 1fr; gap: .35rem .6rem; margin-top: .9rem; }
.plot svg { width: 100%; height: 10rem; display: block; }
.axis-y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; margin: -.6em 0; }
.axis-y, .axis-x { color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.axis-x { grid-column: 2; display: flex; justify-content: space-between; white-space: nowrap; }
.grid { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke; }
.tokens.legacy { fill: var(--legacy); } .tokens.new { fill: var(--new); }
.scrolling { max-height: 18rem; overflow-y: auto; }
#clients { margin-top: 1rem; }
.rows.clients { table-layout: auto; }
.clients .number { white-space: normal; }
.reasons { margin: .5rem 0 0; padding-left: 1.25rem; }
.reasons li { margin: .5rem 0; overflow-wrap: anywhere; }
.steps { margin: 1rem 0 0; padding: 0; list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .75rem; }
.steps li { display: grid; padding-top: .5rem; border-top: .3rem solid var(--track); }
.steps .past { border-top-color: var(--legacy); }
.steps span { color: var(--soft); font-variant-numeric: tabular-nums; }
@media screen and (max-width: 44rem) {
  .csv { margin-left: 0; }
  .filter label { flex: 1 1 100%; }
  .rows .number { text-align: left; }
}
@media (prefers-reduced-motion: no-preference) { .progress .bar rect { transition: width .4s; } }
@media (forced-colors: active) { .tokens, .bar rect, .whole rect { forced-color-adjust: none; } }
`;
