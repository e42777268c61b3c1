/** The colours of the page. A test holds each pair that text is drawn in to WCAG's 4.5 : 1. */
export const palette = {
  light: {
    page: '#f3f3f0',
    card: '#ffffff',
    line: '#e2e2dc',
    text: '#1d1d1b',
    soft: '#5d5d57',
    code: '#f3f3f0',
    good: '#17693b',
    goodBack: '#e3f3e9',
    busy: '#2257a4',
    busyBack: '#e6eefa',
    note: '#80560a',
    noteBack: '#faf0d9',
    bad: '#a5361b',
    badBack: '#fae8e3',
  },
  dark: {
    page: '#131312',
    card: '#1d1d1b',
    line: '#353531',
    text: '#edede9',
    soft: '#a9a9a2',
    code: '#2a2a27',
    good: '#74d69f',
    goodBack: '#17301f',
    busy: '#8fb9f6',
    busyBack: '#17273f',
    note: '#e8bf6b',
    noteBack: '#33280f',
    bad: '#f4a58a',
    badBack: '#3b1e14',
  },
} as const

const variables = (colours: Record<string, string>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

const tones = ['good', 'busy', 'note', 'bad']
  .map((tone) => `.${tone} .mark{color:var(--${tone});background:var(--${tone}Back)}`)
  .join('\n')

/**
 * The whole style sheet: one string, so that the Content-Security-Policy can name its hash. The card of the wait gives way
 * to the one that is sent after it: with `:has`, since no last child matches while its parent is still arriving.
 */
export const style = `
:root{color-scheme:light dark;${variables(palette.light)}}
@media (prefers-color-scheme:dark){:root{${variables(palette.dark)}}}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1.25rem;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{width:100%;max-width:36rem}
article{padding:2.25rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;box-shadow:0 1px 2px rgb(0 0 0/.04),0 12px 32px -16px rgb(0 0 0/.18)}
article:has(~article){display:none}
header{display:flex;align-items:center;gap:1rem}
.mark{flex:none;display:grid;place-items:center;width:3rem;height:3rem;border-radius:50%}
.mark svg{width:1.75rem;height:1.75rem;fill:none;stroke:currentColor;stroke-width:2.25;stroke-linecap:round;stroke-linejoin:round}
${tones}
.from{color:var(--soft);font-size:.875rem;line-height:1.3}
h1{font-size:1.375rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;text-wrap:balance}
.what{margin-top:1.25rem;text-wrap:pretty}
dl{display:grid;grid-template-columns:auto 1fr;gap:.75rem 1.25rem;margin-top:1.5rem;padding-top:1.5rem;border-top:1px solid var(--line)}
dt{color:var(--soft)}
dd{text-wrap:pretty}
strong{font-weight:600}
dd p{color:var(--soft)}
code,kbd{border-radius:.35em;background:var(--code);font:.875em/1.4 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
code{padding:.1em .35em}
kbd{display:block;color:var(--text);width:fit-content;margin-top:.5rem;padding:.5rem .75rem;-webkit-user-select:all;user-select:all}
footer{margin-top:1.5rem;color:var(--soft);font-size:.875rem}
@media (max-width:30rem){article{padding:1.5rem}dl{grid-template-columns:1fr;gap:0}dd+dt{margin-top:.75rem}}
@media (prefers-reduced-motion:no-preference){.busy svg{animation:turn 1.1s linear infinite}}
@keyframes turn{to{transform:rotate(1turn)}}
@media (forced-colors:active){.mark{border:1px solid}}
`
