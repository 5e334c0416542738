import { DARK_COLOURS, LIGHT_COLOURS } from "./palette.js";

const LIGHT = `--paper:#fff;--ink:#1c1c1c;--soft:#5a5a5a;--rule:#dcdcdc;--panel:#f6f6f4;--mark:#fff3c4;--link:#005a9c;--bad:#b00020;--good:#00703c;${variables(LIGHT_COLOURS)}`;
const DARK = `--paper:#15171a;--ink:#e8e8e6;--soft:#a9adb3;--rule:#34383d;--panel:#1e2125;--mark:#4a3f12;--link:#7fc1ff;--bad:#ff8a8a;--good:#5fd39b;${variables(DARK_COLOURS)}`;

/**
 * The page's style: light or dark as set in the reader's system, light on paper, and drawings by
 * width.
 */
export const PAGE_STYLE = `
:root{${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1140px;padding:1rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:0 0 .3rem}
section{margin:0 0 1.5rem;padding-top:1.2rem;border-top:1px solid var(--rule);scroll-margin-top:1rem}
p{margin:.2rem 0 .8rem;max-width:75ch;color:var(--soft)}
a{color:var(--link)}
nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;margin:.5rem 0 1.5rem;list-style:none;font-size:.9rem}
.warnings,.losses{border-left:4px solid var(--c4);background:var(--panel);padding:.7rem 1rem;margin:1rem 0}
.losses{border-left:8px solid var(--bad)}.losses strong,.bad{color:var(--bad);font-weight:700}
.broken{stroke-width:1.8}
.warnings ul,.losses ul{margin:.3rem 0 0;padding-left:1.2rem}
figure{margin:0 0 1rem}
figcaption{font-weight:600;font-size:.9rem;margin:.4rem 0;overflow-wrap:anywhere}
.narrow{display:none}
svg{display:block;max-width:100%;height:auto;overflow:visible;font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg text{fill:var(--ink)}
.axis-title,.note{font-weight:600}
.grid{stroke:var(--rule);fill:none}
.line{fill:none;stroke-width:2}
.interval{fill:none;stroke-width:1.2}
.whisker{fill:none;stroke:var(--ink);stroke-width:1.3}
.ring{fill:none;stroke:var(--ink);stroke-width:1.3}
.guide{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-dasharray:5 4}
.area{stroke:var(--paper);stroke-width:.7}
.pattern{stroke:var(--paper);stroke-opacity:.75;stroke-width:1.3;fill:none}
.hover{fill:transparent}
.node{fill:var(--ink)}
.branch{fill:none;stroke:var(--soft)}
.scroller{overflow-x:auto;max-height:70vh;margin-bottom:.8rem;border:1px solid var(--rule)}
table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:.28rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--rule)}
th{position:sticky;top:0;background:var(--panel);padding:0}
th button{all:unset;box-sizing:border-box;width:100%;padding:.35rem .6rem;cursor:pointer;font-weight:600;white-space:nowrap}
th button:focus-visible{outline:2px solid var(--link);outline-offset:-2px}
th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
.text{text-align:left}
td.text{max-width:34rem;overflow:hidden;text-overflow:ellipsis}
.best{background:var(--mark);font-weight:700}
.tied{background:var(--mark)}
details{margin:.2rem 0}details details{margin-left:1.2rem}
summary{cursor:pointer;color:var(--link);font-size:.9rem;overflow-wrap:anywhere}
pre{background:var(--panel);padding:.8rem;font-size:.78rem;white-space:pre-wrap;overflow-wrap:anywhere}
.filter{display:block;margin:0 0 .5rem;font-size:.9rem}
.filter input{font:inherit;padding:.25rem .5rem;margin-right:.6rem;max-width:100%;background:var(--paper);color:var(--ink);border:1px solid var(--soft)}
#tip{position:fixed;z-index:9;max-width:min(26rem,92vw);padding:.35rem .6rem;background:var(--ink);color:var(--paper);
font-size:.82rem;pointer-events:none;border-radius:3px;overflow-wrap:anywhere}
#tip[hidden]{display:none}
@media screen and (max-width:880px){.wide{display:none}.narrow{display:block}}
@media screen and (max-width:480px){body{padding:.5rem .8rem 3rem}}
@media screen and (min-width:481px) and (max-width:880px){.narrow svg{width:min(100%,560px)}}
@page{size:landscape;margin:10mm}
@media print{:root{${LIGHT}}body{max-width:none;font-size:11px}nav,.filter,#tip{display:none}
.scroller{overflow:visible;max-height:none;border:0}table{font-size:7.5px}td,th button{padding:.15rem .25rem;white-space:normal}
figure,tr{break-inside:avoid}h2{break-after:avoid}*{print-color-adjust:exact}}
`;

function variables(colours: readonly string[]): string {
  return colours.map((colour, index) => `--c${index}:${colour};`).join("");
}
