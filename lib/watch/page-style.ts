import { palette } from '../login/callback-page-style.ts'

/** What is filled may be brighter than what is read: WCAG asks for 3 : 1 there. */
export const filling = {
  light: { well: '#2f9a5f', off: '#cf4a29', person: '#b9770e' },
  dark: { well: '#4fb37c', off: '#ea8463', person: '#e0ab45' },
} as const

const variables = (colours: Record<string, string>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

const fills = `:root{${variables(filling.light)}}
@media (prefers-color-scheme:dark){:root{${variables(filling.dark)}}}`

/**
 * The whole style sheet of the report, one string, so that its Content-Security-Policy can name its hash. The page of the
 * login has the same colours; a test holds their contrast.
 */
export const pageStyle = `
:root{color-scheme:light dark;${variables(palette.light)}}
@media (prefers-color-scheme:dark){:root{${variables(palette.dark)}}}
${fills}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{padding:2.5rem 1.25rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main,body>header,body>footer{max-width:68rem;margin-inline:auto}
.soft,body>footer,dt,thead,.kind{color:var(--soft)}
h1{font-size:1.75rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{margin:2.75rem 0 .875rem;font-size:1.1875rem;line-height:1.3;font-weight:650}
h3,caption{text-align:left;font-size:1rem;font-weight:600}
caption{padding-bottom:.375rem}
p+p{margin-top:.25rem}
a{color:inherit}
section{scroll-margin-top:1rem}
.card{padding:1.25rem 1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem}
.card+.card,main>.card{margin-top:1rem}
.banks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
.banks .card{margin:0}
.says>*{min-width:0}
.says{margin-top:.125rem;display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .625rem}
.tag{display:inline-flex;align-items:center;gap:.375rem;padding:.0625rem .625rem;border-radius:1rem;font-size:.875rem;font-weight:600;max-width:100%;overflow-wrap:anywhere}
.tag svg{flex:none}
.holds{color:var(--good);background:var(--goodBack)}
.differs{color:var(--bad);background:var(--badBack)}
.needs-person{color:var(--note);background:var(--noteBack)}
.unknown,.unseen,.waits{color:var(--text);background:var(--code)}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin-top:.75rem;font-size:.9375rem}
dd{overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.9375rem}
th{text-align:left;font-weight:400}
thead th{padding-bottom:.25rem;font-size:.8125rem;vertical-align:bottom}
tbody th,tbody td{padding:.5rem 0;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.name{width:18.5rem;padding-right:1rem}
.words{width:16rem;padding-left:1.25rem}
.kind{display:block;font-size:.8125rem;line-height:1.3}
.axis{display:grid;grid-template-columns:repeat(4,1fr)}
svg{display:block;width:100%;height:1.5rem;overflow:visible}
.grid{stroke:var(--line);vector-effect:non-scaling-stroke}
rect.holds{fill:var(--well)}
rect.differs{fill:var(--off)}
rect.needs-person{fill:var(--person)}
rect.waits{fill:var(--soft)}
rect.unknown{fill:var(--code);stroke:var(--soft);vector-effect:non-scaling-stroke;stroke-dasharray:2 2}
rect.unseen{fill:var(--line);stroke:var(--soft);vector-effect:non-scaling-stroke}
.legend{display:flex;flex-wrap:wrap;gap:.375rem 1.25rem;margin:0 0 1rem;padding:0;list-style:none;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.5rem}
.legend svg{width:1.75rem;height:1.25rem;flex:none}
details{font-size:.9375rem}
summary{cursor:pointer;color:var(--soft)}
summary:focus-visible{outline:2px solid var(--busy);outline-offset:3px;border-radius:.25rem}
details{margin-top:.25rem}
details ul,.card>ul{margin:.375rem 0 0;padding-left:1.125rem;font-size:.9375rem}
ul>li+li{margin-top:.375rem}
.legend>li+li{margin:0}
.events td:first-child{width:11rem;padding-right:1rem;color:var(--soft);white-space:nowrap}
.events .what{width:8rem;padding-right:1rem}
code{padding:.1em .35em;border-radius:.35em;background:var(--code);font:.875em/1.4 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
body>footer{margin-top:2.5rem;font-size:.875rem}
.tag svg{width:.875rem;height:.875rem;fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round;stroke-linejoin:round}
@media (max-width:46rem){
body{padding:1.5rem 1rem}
h1{font-size:1.375rem}
.card{padding:1rem}
table,thead,tbody,tr,th,td,caption{display:block}
.lines thead th:not(.time){display:none}
.lines tbody tr{display:grid;grid-template-columns:1fr;padding:.625rem 0;border-top:1px solid var(--line)}
.lines tbody th,.lines tbody td{padding:0;border:0;width:auto}
.lines tbody .time{order:3;margin-top:.5rem}
.lines .says>*{min-width:0}
.says{margin-top:.25rem}
.events tbody tr{padding:.5rem 0;border-top:1px solid var(--line)}
.events tbody td,.events .what{width:auto;padding:0;border:0}
.events thead{display:none}
}
@media print{body{padding:0;background:none}.card{break-inside:avoid}details>*{display:revert}}
@media (forced-colors:active){.tag{border:1px solid}rect{forced-color-adjust:none}}
`
