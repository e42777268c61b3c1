import { day, inWords, moment, plural } from '../age.ts'
import type { BankTrack, Chronicle, Condition, Track } from './chronicle.ts'
import { nameOfId, partsOfId } from './invariant-name.ts'
import { events } from './page-event.ts'
import { bankRow, conditionOf, html, type Row, table, tag, time, verdictText } from './page-row.ts'
import { pageStyle } from './page-style.ts'
import { legend, type Span, words } from './page-timeline.ts'
import { sinceMs } from './stretch.ts'

/** What the page says of itself. `styleHash`: of `pageStyle`, as CSP writes it: `sha256-…`. */
export type Page = { host: string; stack: string; container: string; madeMs: number; styleHash: string }

/** The report as one HTML document, which loads nothing and runs nothing. `told` is null where nothing was looked at yet. */
export function renderPage(told: Chronicle | null, page: Page, bad: number): string {
  const title = `${page.host} · what was looked at`
  const policy = `default-src 'none'; style-src '${page.styleHash}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<p class="soft">bulma · ${html(page.stack)}</p>
<h1>${html(page.host)} · ${html(page.container)}</h1>
${told ? lead(told) : '<p>nothing was looked at yet</p>'}
</header>
<main>
${told ? body(told) : ''}
${bad > 0 ? `<p class="card">${plural(bad, 'line')} of the history cannot be read, and ${bad === 1 ? 'is' : 'are'} not shown here</p>` : ''}
</main>
<footer><p>made ${time(page.madeMs)} (${new Date(page.madeMs).getFullYear()}) from what looks have noted; nothing was looked at for it. A state is drawn from the look that saw it to the next one</p></footer>
</body>
</html>
`
}

function lead({ firstMs, lastMs, tracks }: Chronicle): string {
  const count = (condition: Condition): number =>
    tracks.filter(({ stretches }) => stretches.at(-1)?.condition === condition).length
  const tags = (Object.keys(words) as Condition[]).flatMap((condition) =>
    count(condition) > 0 ? [tag(condition, `${count(condition)} ${words[condition]}`)] : [],
  )
  return `<p>${day(firstMs)} to ${moment(lastMs)}, the last look</p>
<p class="says">${tags.join('')}</p>`
}

function body(told: Chronicle): string {
  const span = { startMs: told.firstMs, endMs: Math.max(told.lastMs, told.firstMs + 1) }
  const places = [...new Set(told.tracks.map(({ id }) => partsOfId(id).place))]
  return `<section aria-labelledby="now"><h2 id="now">banks, at the last look</h2>
<div class="banks">${told.banks.map(card).join('')}</div></section>
<section aria-labelledby="over"><h2 id="over">over time</h2>
${legend()}
<div class="card">${table('banks', told.banks.map(bankRow), span)}</div>
${places.map((place) => placeCard(place, told.tracks, span)).join('\n')}
</section>
${blind(told, span)}
${events(told)}`
}

const names: Record<string, string> = { ct109: 'the container', z2: 'the host', mac: 'the Mac' }

function placeCard(place: string, tracks: Track[], span: Span): string {
  const rows = tracks.filter(({ id }) => partsOfId(id).place === place).map(trackRow)
  const about = names[place] === undefined ? '' : ` · ${names[place]}`
  return `<div class="card">${table(`${place || 'others'}${about}`, rows, span)}</div>`
}

function trackRow({ id, stretches, spells }: Track): Row {
  const { kind, name, place } = partsOfId(id)
  const condition = stretches.at(-1)?.condition ?? 'unknown'
  const label = place === '' ? { kind: '', name: nameOfId(id) } : { kind, name }
  return { ...label, stretches, spells, now: { condition, text: words[condition] } }
}

function card({ bank, stretches, lastGood, lastLogin }: BankTrack): string {
  const now = stretches.at(-1)
  const verdict = now?.condition ?? 'unknown'
  const from = sinceMs(stretches, 'unseen')
  const fact = (name: string, text: string): string => `<dt>${name}</dt><dd>${text}</dd>`
  return `<article class="card"><div class="says"><h3>${bank}</h3>${tag(conditionOf(verdict), verdictText(verdict))}</div><dl>${[
    ...(from === null ? [] : [fact('since', time(from))]),
    ...(now?.seen ? [fact('seen', html(now.seen))] : []),
    fact('last good poll', lastGood === null ? 'none known' : time(Date.parse(lastGood))),
    fact('last login', lastLogin === null ? 'none noted' : time(Date.parse(lastLogin))),
  ].join('')}</dl></article>`
}

function blind({ blind: spells, lastMs }: Chronicle, span: Span): string {
  if (spells.length === 0) return ''
  const items = spells
    .slice(-20)
    .reverse()
    .map(({ fromMs, toMs, seen }) => {
      const end = toMs === null ? 'and still' : `to ${time(toMs, fromMs)}`
      return `<li>${time(fromMs)} ${end}, ${inWords((toMs ?? lastMs) - Math.max(fromMs, span.startMs))}<br><span class="soft">${html(seen)}</span></li>`
    })
  return `<section aria-labelledby="blind"><h2 id="blind">could not look</h2><div class="card"><p>${plural(spells.length, 'time')}</p><ul>${items.join('')}</ul></div></section>`
}
