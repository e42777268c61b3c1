import { clock } from '../age.ts'
import type { Bank } from '../invariant.ts'
import { showStatus } from '../next-step.ts'
import type { Outlook } from './change.ts'
import type { Entry } from './entry.ts'
import { blindKey, lastTold, openSince } from './past.ts'
import { nameOf, type Trouble } from './trouble.ts'

/** Where and when: what every message says of itself. */
export type Circumstance = { stack: string; host: string; nowMs: number }

/**
 * What a person is told. `trouble`: something new. `reminder`: nothing new, and they are needed still. `better`: some of
 * it is over. `well`: all of it is. `again`: what one of the ways did not take when it was told.
 */
export type Message = Pick<Circumstance, 'stack' | 'host'> & {
  kind: 'trouble' | 'reminder' | 'better' | 'well' | 'again'
  /** one line, the cause */
  title: string
  /** a few lines: what was seen, what to do, what else there is */
  text: string
  /** the one next command or act; empty where there is none */
  next: string
  isUrgent: boolean
  bank?: Bank
}

type Change = { outlook: Outlook; open: string[]; fresh: string[]; over: string[]; history: Entry[] }

/** As many other things as are named; the others are counted. */
const named = 3

/** The message for what has changed: the first cause, and the others by name. */
export function message(kind: Message['kind'], change: Change, place: Circumstance): Message {
  const { stack, host } = place
  const head = { kind, stack, host }
  if (kind === 'well' || (kind === 'again' && change.open.length === 0))
    return { ...head, title: 'all as wanted again', text: wellText(change, place), next: '', isUrgent: false }
  if (kind === 'better') return { ...head, ...better(change, place) }
  return { ...head, ...troubled(kind, change, place) }
}

type Said = Pick<Message, 'title' | 'text' | 'next' | 'isUrgent' | 'bank'>

function troubled(
  kind: Message['kind'],
  { outlook, open, fresh, history }: Change,
  place: Circumstance,
): Said {
  const speaksOf = fresh.length > 0 ? fresh : open
  if (!('troubles' in outlook)) {
    const text = lines(outlook.why, outlook.next, alsoOf(open, [blindKey], place))
    return { title: `cannot look at ${place.host}`, text, next: outlook.next, isUrgent: false }
  }
  const first = outlook.troubles.find(({ key }) => speaksOf.includes(key))
  if (!first) return remembered(open, history, place)
  const sinceMs = kind === 'reminder' ? openSince(history, first.key) : null
  // The name of anything but a bank says only where it is, so what was seen belongs to it.
  const name = first.bank ? first.name : `${first.name}: ${first.what}`
  const title = kind === 'reminder' ? `still ${name}` : name
  const since = sinceMs === null ? '' : `since ${clock(sinceMs, place.nowMs)}`
  const dont = first.dont ? `don't ${first.dont}` : ''
  const others = open.filter((key) => key !== first.key)
  const text = lines(
    since,
    first.bank ? first.what : first.why,
    first.next,
    dont,
    alsoOf(others, [], place, outlook.troubles),
  )
  const { bank, next, state } = first
  return { title, text, next, isUrgent: state === 'needs-person', ...(bank && { bank }) }
}

/** What is open is none of what this look could judge: told as it was. */
function remembered(open: string[], history: Entry[], place: Circumstance): Said {
  const title = lastTold(history)?.what ?? ''
  const next = showStatus(place.stack)
  return { title, text: lines(alsoOf(open, [], place), next), next, isUrgent: false }
}

function better({ outlook, open, over, history }: Change, place: Circumstance): Said {
  const first = 'troubles' in outlook && outlook.troubles.find(({ key }) => open.includes(key))
  const next = first ? first.next : showStatus(place.stack)
  const text = lines(sinceOf(over, history, place), `still ${namesOf(open, place)}`, next)
  return { title: `over: ${namesOf(over, place)}`, text, next, isUrgent: false }
}

function wellText({ outlook, over, history }: Change, place: Circumstance): string {
  const holds = 'troubles' in outlook ? `${place.host} · ${outlook.holds} hold` : place.host
  return lines(holds, over.length > 0 ? `over: ${namesOf(over, place)}` : '', sinceOf(over, history, place))
}

function sinceOf([first]: string[], history: Entry[], { nowMs }: Circumstance): string {
  const sinceMs = first === undefined ? null : openSince(history, first)
  return sinceMs === null ? '' : `told of it ${clock(sinceMs, nowMs)}`
}

function alsoOf(keys: string[], without: string[], place: Circumstance, troubles: Trouble[] = []): string {
  const others = keys.filter((key) => !without.includes(key))
  return others.length > 0 ? `also: ${namesOf(others, place, troubles)}` : ''
}

function namesOf(keys: string[], { host }: Circumstance, troubles: Trouble[] = []): string {
  const names = keys.map((key) =>
    key === blindKey
      ? `cannot look at ${host}`
      : (troubles.find((one) => one.key === key)?.name ?? nameOf(key)),
  )
  const more = names.length - named
  return [...names.slice(0, named), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

const lines = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join('\n')
