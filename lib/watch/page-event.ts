import type { Chronicle } from './chronicle.ts'
import { nameOfId } from './invariant-name.ts'
import { html, time } from './page-row.ts'

type Event = { at: string; what: string; text: string }

/** As many as a person reads down; the latest. */
const most = 100

/** What was done and told, the latest first, as a section. */
export function events({ logins, repairs, told }: Chronicle): string {
  const all: Event[] = [
    ...logins.map(({ at, bank }) => ({ at, what: 'login', text: bank })),
    ...repairs.map(({ at, mended }) => ({ at, what: 'mended by up', text: mended.map(nameOfId).join('\n') })),
    ...told.map(({ at, what, how }) => ({ at, what: 'told', text: `${what} (${how.join(', ')})` })),
  ]
  const rows = all
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, most)
    .map(({ at, what, text }) => {
      const lines = text.split('\n').map(html).join('<br>')
      return `<tr role="row"><td role="cell">${time(Date.parse(at))}</td><td class="what" role="cell">${what}</td><td role="cell">${lines}</td></tr>`
    })
  const list =
    rows.length === 0
      ? '<p class="soft">nothing noted in this time</p>'
      : `<table class="events" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">when</th><th class="what" role="columnheader" scope="col">what</th><th role="columnheader" scope="col">which</th></tr></thead><tbody role="rowgroup">${rows.join('\n')}</tbody></table>`
  return `<section aria-labelledby="done"><h2 id="done">done and told</h2><div class="card">${list}</div></section>`
}
