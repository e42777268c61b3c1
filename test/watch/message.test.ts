import { describe, expect, it } from 'vitest'
import {
  deadMonzo,
  deadTruelayer,
  oldLogin,
  pendingMonzo,
  Schedule,
  type Sighting,
  silentContainer,
  stoppedContainer,
  stoppedTimer,
} from './watched-world.ts'

/** What the last of some looks, an hour apart, tells: title, a line, and the lines of the text. */
const said = (...sights: Sighting[]): string => {
  const schedule = new Schedule()
  sights.forEach((sight, at) => {
    schedule.look(`0${at + 1}:07`, sight)
  })
  const { message } = schedule.told.at(-1) ?? {}
  return message ? `${message.title}\n--\n${message.text}` : ''
}

describe('the words of a message', () => {
  it.each<[string, string, Sighting[]]>([
    [
      'a dead token: what was seen, and the command',
      `monzo: refresh dead
--
HTTP 401, Bad refresh token, 7 minutes ago
npm run reauth -- monzo`,
      [[deadMonzo]],
    ],
    [
      'an approval: what to do, and what not to do',
      `monzo: approval pending
--
HTTP 403 on /accounts after a clean token load, 7 minutes ago
open the Monzo app: the prompt sits in the feed. the poll at 04:15 will succeed
don't log in again: it would throw this token away`,
      [[pendingMonzo]],
    ],
    [
      'a stopped container: the cause, and one command',
      `ct109 container 109: stopped, starts on boot
--
both pollers live in it
npm run up`,
      [[stoppedContainer]],
    ],
    [
      'several at once: what only a person can mend first, the others by name',
      `truelayer: refresh dead
--
invalid_grant, 7 minutes ago
npm run reauth -- truelayer
also: monzo: timer stopped`,
      [[stoppedTimer('monzo'), deadTruelayer]],
    ],
    [
      'a consent that ends',
      `truelayer: consent ending
--
full login 86 days ago, 4 left before day 90
npm run reauth -- truelayer`,
      [[oldLogin(86)]],
    ],
    [
      'all well again: what holds, what is over and since when',
      `all as wanted again
--
hinata-z2 · 21 hold
over: monzo: refresh dead
told of it 02:07`,
      [[], [deadMonzo], [deadMonzo], []],
    ],
    [
      'one of two over: the other is named, with what to do',
      `over: monzo: refresh dead
--
told of it 01:07
still truelayer: refresh dead
npm run reauth -- truelayer`,
      [[deadMonzo, deadTruelayer], [deadTruelayer]],
    ],
    [
      'nobody can look: why, what to try, and what is open besides',
      `cannot look at hinata-z2
--
Connection refused
ssh hinata-z2 true
also: monzo: refresh dead`,
      [[deadMonzo], 'blind', 'blind', 'blind'],
    ],
    [
      'a look that goes again: what it could do',
      `all as wanted again
--
hinata-z2 · 21 hold
over: cannot look at hinata-z2
told of it 03:07`,
      ['blind', 'blind', 'blind', []],
    ],
    [
      'a container that does not answer',
      `ct109 container 109: pct exec did not answer in time
--
both pollers live in it
ssh hinata-z2 pct status 109`,
      [[silentContainer], [silentContainer], [silentContainer]],
    ],
  ])('%s', (_, text, sights) => expect(said(...sights)).toBe(text))

  it('a reminder says since when', () => {
    const schedule = new Schedule()
    schedule.look('01:07', [deadMonzo])
    schedule.look('09:07', [deadMonzo], [], 1)
    expect(schedule.told[1]?.message).toEqual({
      kind: 'reminder',
      stack: 'z2',
      host: 'hinata-z2',
      bank: 'monzo',
      title: 'still monzo: refresh dead',
      text: 'since Sun 01:07\nHTTP 401, Bad refresh token, 7 minutes ago\nnpm run reauth -- monzo',
      next: 'npm run reauth -- monzo',
      isUrgent: true,
    })
  })

  it('only what a person must do is urgent', () => {
    const urgent = (sight: Sighting): boolean | undefined => {
      const schedule = new Schedule()
      schedule.look('01:07', sight)
      return schedule.told[0]?.message.isUrgent
    }
    expect([urgent([deadMonzo]), urgent([stoppedTimer('monzo')]), urgent([stoppedContainer])]).toEqual([
      true,
      false,
      false,
    ])
  })
})
