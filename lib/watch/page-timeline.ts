import { moment } from '../age.ts'
import { escaped } from '../html.ts'
import { withoutControls } from '../mask.ts'
import type { Condition } from './chronicle.ts'
import type { Stretch } from './stretch.ts'

// One timeline as an SVG without a script and without a style of its own. The shape says what the colour says: a line
// holds, half a block differs, a whole block needs a person, a frame was not seen.

export type Span = { startMs: number; endMs: number }

/** How a condition is called on the page. */
export const words: Record<Condition, string> = {
  holds: 'as wanted',
  differs: 'differs',
  'needs-person': 'needs you',
  unknown: 'could not be judged',
  waits: 'hangs on something else',
  unseen: 'could not look',
}

const wide = 1000
const high = 24
/** So that a look that saw trouble once in a year is seen. */
const least = 5

const shapes: Record<Condition, { y: number; height: number }> = {
  holds: { y: 10, height: 4 },
  waits: { y: 11, height: 2 },
  differs: { y: 12, height: 12 },
  'needs-person': { y: 0, height: 24 },
  unknown: { y: 5, height: 14 },
  unseen: { y: 4, height: 16 },
}

/** What stands behind comes first: trouble is never hidden by what is well. */
const order: Condition[] = ['holds', 'waits', 'unseen', 'unknown', 'differs', 'needs-person']

/** @param label what it shows, for who cannot see it */
export function timeline(stretches: Stretch<Condition>[], span: Span, label: string): string {
  const sorted = stretches.toSorted((a, b) => order.indexOf(a.condition) - order.indexOf(b.condition))
  const quarters = [0, 1, 2, 3, 4].map((quarter) => (quarter * wide) / 4)
  const lines = quarters.map((x) => `<line class="grid" x1="${x}" x2="${x}" y1="-3" y2="${high + 3}"/>`)
  const rects = sorted.map((one) => rect(one, span))
  return `<svg viewBox="0 0 ${wide} ${high}" preserveAspectRatio="none" role="img" aria-label="${escaped(label)}">${[...lines, ...rects].join('')}</svg>`
}

function rect({ fromMs, toMs, condition, seen }: Stretch<Condition>, { startMs, endMs }: Span): string {
  const scale = wide / Math.max(1, endMs - startMs)
  const width = Math.max((toMs - fromMs) * scale, condition === 'holds' ? 0 : least)
  const x = Math.min((fromMs - startMs) * scale, wide - width)
  const { y, height } = shapes[condition]
  const title = `${words[condition]}, ${moment(fromMs)} to ${moment(toMs)}${seen ? `: ${seen}` : ''}`
  return `<rect class="${condition}" x="${round(Math.max(0, x))}" y="${y}" width="${round(width)}" height="${height}"><title>${escaped(withoutControls(title))}</title></rect>`
}

const round = (units: number): number => Math.round(units * 10) / 10

/** What each shape means. */
export function legend(): string {
  const items = (Object.keys(words) as Condition[]).map((condition) => {
    const { y, height } = shapes[condition]
    const shape = `<rect class="${condition}" x="1" y="${y}" width="38" height="${height}"/>`
    const picture = `<svg viewBox="0 0 40 24" aria-hidden="true">${shape}</svg>`
    return `<li>${picture}${words[condition]}</li>`
  })
  return `<ul class="legend">${items.join('')}</ul>`
}
