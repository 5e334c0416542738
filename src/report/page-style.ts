import { DARK, DRAWING_STYLE, LIGHT, variablesOf } from "./drawing-style.js";

/**
 * The page's style: light or dark as set in the reader's system, light on paper, and drawings by
 * width.
 */
export const PAGE_STYLE = `
${DRAWING_STYLE}
:root{${variablesOf(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variablesOf(DARK)}}}
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
.losses{border-left:8px solid var(--bad)}.losses strong{color:var(--bad)}
.verdict{border-left:8px solid var(--good);background:var(--panel);padding:.7rem 1rem;margin:1rem 0;max-width:none;color:var(--good);font-weight:600;overflow-wrap:anywhere}
.verdict.bad{border-color:var(--bad)}
.good{color:var(--good);font-weight:700}.bad{color:var(--bad);font-weight:700}
.findings{margin:1rem 0;padding:0 0 0 1.2rem;max-width:95ch}.findings li{margin:.25rem 0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:.2rem 1.5rem;margin:.8rem 0;font-size:.88rem}
dl div{display:flex;gap:.6rem}dt{color:var(--soft);min-width:5.5rem}dd{margin:0;overflow-wrap:anywhere}
.warnings ul,.losses ul{margin:.3rem 0 0;padding-left:1.2rem}
figure{margin:0 0 1rem;min-width:0}
.halves{display:grid;grid-template-columns:1fr 1fr;gap:.5rem 2rem}
.tools{float:right;display:flex;gap:.4rem;margin:.2rem 0;font-size:.75rem}
.tools button,.choice select,.series button{font:inherit;color:var(--link);background:none;border:1px solid var(--rule);border-radius:3px;padding:.1rem .5rem;cursor:pointer}
.series{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.4rem 0;padding:.4rem .6rem;border:1px solid var(--rule);font-size:.85rem}
.series label{display:inline-flex;gap:.3rem;align-items:center}
.choice{display:block;margin:.4rem 0;font-size:.9rem}
.off{opacity:.12}.line.off,g[data-line].off,g[data-row].off,g[data-bar].off{display:none}
[hidden]{display:none!important}
figcaption{font-weight:600;font-size:.9rem;margin:.4rem 0;overflow-wrap:anywhere}
.narrow{display:none}
svg{display:block;max-width:100%;height:auto;overflow:visible;font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.scroller{overflow-x:auto;max-height:70vh;margin-bottom:.8rem;border:1px solid var(--rule)}
table{border-collapse:separate;border-spacing:0;font-size:.84rem;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:.28rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--rule)}
th{position:sticky;top:0;z-index:1;background:var(--panel);padding:0}
td:first-child,th:first-child{position:sticky;left:0;background:var(--paper);max-width:15rem;overflow:hidden;text-overflow:ellipsis}
th:first-child{z-index:2;background:var(--panel)}
table[data-table=policies] td,table[data-table=winners] td{white-space:normal;vertical-align:top}
table[data-table=winners] td.text{min-width:12rem}td small{display:block;color:var(--soft);line-height:1.35}
.answer{border:0;padding-top:.4rem;margin:0}.answer .scroller{max-height:none}.answer>p{font-size:.82rem;max-width:none}
.hint{font-size:.82rem;margin:0 0 .2rem;text-align:right}
tr.lost td{background:var(--panel)}tr.lost td:not(.bad){color:var(--soft)}
tr.begins td{border-top:2px solid var(--soft)}
th [role=button]{display:block;padding:.35rem .6rem;cursor:pointer;font-weight:600;white-space:nowrap}
th [role=button]:focus-visible{outline:2px solid var(--link);outline-offset:-2px}
th[aria-sort=ascending] [role=button]::after{content:" ▲"}
th[aria-sort=descending] [role=button]::after{content:" ▼"}
.text{text-align:left}
td.text{max-width:34rem;overflow:hidden;text-overflow:ellipsis}
.best{background:var(--mark);font-weight:700}
details{margin:.2rem 0}details details{margin-left:1.2rem}
summary{cursor:pointer;color:var(--link);font-size:.9rem;overflow-wrap:anywhere}
pre{background:var(--panel);padding:.8rem;font-size:.78rem;white-space:pre-wrap;overflow-wrap:anywhere}
.filter{display:block;margin:0 0 .5rem;font-size:.9rem}
.filter input{font:inherit;padding:.25rem .5rem;margin-right:.6rem;max-width:100%;background:var(--paper);color:var(--ink);border:1px solid var(--soft)}
#tip{position:fixed;z-index:9;max-width:min(26rem,92vw);padding:.35rem .6rem;background:var(--ink);color:var(--paper);
font-size:.82rem;pointer-events:none;border-radius:3px;overflow-wrap:anywhere}
#tip[hidden]{display:none}
@media screen and (max-width:880px){.wide{display:none}.narrow{display:block}.halves{grid-template-columns:1fr}}
@media screen and (max-width:480px){body{padding:.5rem .8rem 3rem}td:first-child,th:first-child{max-width:8.5rem}
table[data-table=summary] :is(td,th):nth-child(3){display:none}}
@media screen and (min-width:481px) and (max-width:880px){.narrow svg{width:min(100%,560px)}}
@page{size:portrait;margin:12mm}
@media print{:root{${variablesOf(LIGHT)}font-size:11px}body{max-width:none;padding:0;font-size:9pt}
nav,.filter,.tools,.hint,.series,.choice,.screen-only,details,#tip{display:none!important}
.halves .wide{display:none}.halves .narrow{display:block}
section{padding-top:.5rem;margin-bottom:.6rem}h1{font-size:15pt}h2{font-size:11pt}
.scroller{overflow:visible;max-height:none;border:0}table{font-size:7.5pt}td,th [role=button]{padding:.1rem .25rem}th [role=button],td.text{white-space:normal}
td:first-child,th,th:first-child{position:static;max-width:none;overflow:visible}
figure,tr,section>p,.losses,.warnings{break-inside:avoid}h2,h3,section>p,figcaption{break-after:avoid}*{print-color-adjust:exact}}
`;
