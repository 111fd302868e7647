/** Style sheet of the size report. Colours in two sets; the page switches with the system or by its button. */
export const reportStyle = String.raw`
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b2430; --soft: #5a6675; --line: #d9dee5; --accent: #1f5fbf;
  --code: #eef1f5; --focus: #1f5fbf; --shade: 88%; --ink: #17202b; --edge: #ffffff;
  --h0: 213; --h1: 150; --h2: 28; --h3: 280; --h4: 190; --h5: 345; --h6: 55; --h7: 100;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme='light']) {
    --page: #11161d; --card: #19202a; --text: #e7ecf3; --soft: #9aa7b7; --line: #2d3745; --accent: #8ab8ff;
    --code: #222c39; --focus: #8ab8ff; --shade: 27%; --ink: #f1f5fa; --edge: #11161d;
  }
}
:root[data-theme='dark'] {
  color-scheme: dark;
  --page: #11161d; --card: #19202a; --text: #e7ecf3; --soft: #9aa7b7; --line: #2d3745; --accent: #8ab8ff;
  --code: #222c39; --focus: #8ab8ff; --shade: 27%; --ink: #f1f5fa; --edge: #11161d;
}
:root[data-theme='light'] { color-scheme: light; }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 78rem; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 3rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
header p { margin: 0; color: var(--soft); flex: 1 1 16rem; }
button { font: inherit; color: inherit; cursor: pointer; }
.plain { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .7rem; }
.plain:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin-top: 1.25rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem 1.5rem; margin: 0; }
.facts div { display: flex; flex-direction: column-reverse; }
.facts dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.bar { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; margin-bottom: .75rem; }
.bar h2 { margin: 0; }
.path { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem; flex: 1 1 14rem; min-width: 0; padding: 0; margin: 0; list-style: none; }
.path li + li::before { content: '›'; color: var(--soft); margin: 0 .3rem; }
.path button { border: 0; background: none; padding: .1rem .25rem; border-radius: 4px; color: var(--accent); }
.path button:hover { text-decoration: underline; }
.path [aria-current] { color: var(--text); font-weight: 600; padding: .1rem .25rem; }
input[type='search'] {
  font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .6rem; width: 15rem; max-width: 100%;
}
#map { position: relative; width: 100%; height: clamp(20rem, 62vh, 40rem); overflow: hidden; border-radius: 6px; background: var(--page); }
.box {
  position: absolute; display: flex; flex-direction: column; justify-content: flex-start; overflow: hidden; text-align: left; padding: 0; border: 1px solid var(--edge); border-radius: 3px; color: var(--ink);
  background: hsl(var(--hue) var(--strength) calc(var(--shade) - var(--depth) * var(--step))); font-size: 12px; line-height: 16px;
  --strength: 52%; --step: 4%;
}
[data-theme='dark'] .box { --step: -5%; --strength: 34%; }
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) .box { --step: -5%; --strength: 34%; } }
.box:has(span) { padding: 2px 5px; }
.box:hover { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.box:focus-visible { outline-offset: -3px; }
.box.dim { opacity: .22; }
.box span { flex: none; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; pointer-events: none; }
.box .size { opacity: .75; font-variant-numeric: tabular-nums; }
#hint { min-height: 1.5em; margin: .6rem 0 0; color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85rem; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
tr:last-child td { border-bottom: 0; }
td.number, th.number { text-align: right; white-space: nowrap; }
td button { border: 0; background: none; padding: 0; color: var(--accent); text-align: left; }
td button:hover { text-decoration: underline; }
td small { color: var(--soft); margin-left: .35rem; }
.share { width: 22%; min-width: 6rem; }
.share i { display: block; height: .6rem; border-radius: 3px; background: hsl(var(--hue) 50% 52%); min-width: 2px; }
.advice { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; }
.advice li { display: grid; grid-template-columns: 5.5rem 1fr; gap: .15rem 1rem; }
.advice strong { text-align: right; font-variant-numeric: tabular-nums; }
.advice p { margin: 0; grid-column: 2; color: var(--soft); overflow-wrap: anywhere; }
.advice .line { display: flex; gap: .5rem; align-items: center; flex-wrap: wrap; }
code { background: var(--code); border-radius: 5px; padding: .15rem .45rem; font: .88em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--text); overflow-wrap: anywhere; }
.small { font-size: .85rem; padding: .1rem .55rem; }
footer { margin-top: 1.25rem; color: var(--soft); font-size: .85rem; }
@media (prefers-reduced-motion: no-preference) { .box { transition: opacity .15s; } }
@media print { body { background: #fff; } #map { break-inside: avoid; } .plain, input { display: none; } }
`;
