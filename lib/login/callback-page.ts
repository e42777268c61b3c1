import { escaped } from '../html.ts'
import type { Bank } from '../invariant.ts'
import { style } from './callback-page-style.ts'
import { type Outcome, pageText, type Tone } from './callback-page-text.ts'

/** What a browser is shown: one of a closed set, so that nothing of a request can be reflected. */
export type CallbackPage = { bank: Bank; outcome: Outcome }

/** Text for HTML; what stands between backticks becomes `<code>`. */
const html = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>')

// The shape says it as well as the colour does.
const marks: Record<Tone, string> = {
  good: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  busy: '<path d="M12 3.5a8.5 8.5 0 1 1-8.5 8.5"/>',
  note: '<path d="M12 5v8.5M12 18.4v.1"/>',
  bad: '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
}

function card({ bank, outcome }: CallbackPage): string {
  const { tone, title, what, next, hint, command, terminal } = pageText(bank, outcome)
  const goesOn = outcome === 'waiting' ? ': the login goes on without it' : ''
  return `<article class="${tone}" data-outcome="${outcome}">
<header>
<span class="mark" aria-hidden="true"><svg viewBox="0 0 24 24">${marks[tone]}</svg></span>
<div><p class="from">bulma · ${bank}</p><h1>${html(title)}</h1></div>
</header>
<p class="what">${html(what)}</p>
<dl>
<dt>next</dt><dd>
<strong>${html(next)}</strong>
${hint === undefined ? '' : `<p>${html(hint)}</p>`}
${command === undefined ? '' : `<p><kbd>${html(command)}</kbd></p>`}
</dd>
<dt>terminal</dt><dd>${html(terminal)}</dd>
</dl>
<footer>you can close this page${goesOn}</footer>
</article>
`
}

const opening = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${style}</style>
</head>
<body>
<main aria-live="polite">
`

const closing = `</main>
</body>
</html>
`

/** A whole page: UTF-8 HTML without script, which loads nothing. */
export const renderPage = (page: CallbackPage): string =>
  `${opening(pageText(page.bank, page.outcome).title)}${card(page)}${closing}`

/**
 * The beginning of a page that says that the terminal is at work; it is shown as it is until `renderRest` follows. A blank
 * page for minutes would look like a failure.
 */
export const renderBeginning = (bank: Bank): string =>
  `${opening(`${bank} login`)}${card({ bank, outcome: 'waiting' })}`

/** What is sent after `renderBeginning`: the card that takes the place of the first one. */
export const renderRest = (page: CallbackPage): string => `${card(page)}${closing}`
