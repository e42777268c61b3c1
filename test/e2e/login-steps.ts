import { expect } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import type { LoginPlace } from './login-place.ts'
import { logsIn, type Person } from './person.ts'

// What a person sees of a login, line by line, and how it goes on after it was cut off at one of them.

/** The lines of a login that nobody has to be asked about, in their order. */
export const steps: Record<Bank, RegExp[]> = {
  monzo: [
    /✓ login came back/,
    /✓ poll timer stopped/,
    /✓ tokens on this Mac/,
    /✓ same Monzo user/,
    /✓ on z2: /,
    /✓ poll timer started/,
    /approve in the Monzo app/,
    /✓ approved/,
    /✓ poll on ct109/,
    /✓ Mac copy/,
  ],
  truelayer: [
    /✓ login came back/,
    /✓ poll timer stopped/,
    /✓ tokens on this Mac/,
    /✓ same accounts/,
    /✓ on z2: /,
    /✓ poll timer started/,
    /✓ poll on ct109/,
    /✓ Mac copy/,
  ],
}

export const rest = { timer: true, switch: '', staged: '', lease: null }

export const begin = (place: LoginPlace, bank: Bank): Person =>
  place.person('reauth', bank, '--anyway', '--yes')

/**
 * All is as after a login that nobody interrupted. Where the timer was stopped before anything was noted on the Mac, the switch
 * starts it, which takes its time.
 */
export async function finished(place: LoginPlace, bank: Bank, story: string): Promise<void> {
  expect(await place.isLive(bank), story).toBe(true)
  await expect
    .poll(() => place.atRest(bank), { timeout: 60_000, interval: 500, message: story })
    .toEqual(rest)
  const left = place.macFiles(bank).filter((name) => name !== '.reauth/.gitignore')
  expect(left, story).toEqual([`${bank}_credentials.json`])
  expect(await place.doctor(bank), story).toMatchObject({ verdict: 'healthy', exitCode: 0 })
}

/** A login up to one of its lines; whoever has to approve, approves. */
export async function upTo(place: LoginPlace, bank: Bank, line: RegExp): Promise<Person> {
  await place.knob('monzo', { approve: 'manual' })
  const person = begin(place, bank)
  void logsIn(await person.address()).catch(() => undefined)
  if (bank === 'monzo' && /^✓ (approved|poll on|Mac copy)/.test(line.source)) {
    await person.sees(/approve in the Monzo app/)
    await place.order({ bank, do: 'approve' })
  }
  await person.sees(line)
  return person
}

export type Came = 'it was over' | 'carried on' | 'lost' | 'never exchanged'

/**
 * The same command again, after the first one is gone. @returns what came of the login; one that was lost must have been
 * said to be
 */
export async function again(place: LoginPlace, bank: Bank): Promise<{ came: Came; shown: string }> {
  if (place.journal(bank) === null && (await place.doctor(bank)).verdict === 'healthy')
    return { came: 'it was over', shown: '' }
  const tap = setInterval(() => void place.order({ bank: 'monzo', do: 'approve' }), 300)
  try {
    return await carriesOn(begin(place, bank))
  } finally {
    clearInterval(tap)
  }
}

async function carriesOn(person: Person): Promise<{ came: Came; shown: string }> {
  const over = person.end().then((code) => ({ code }))
  const anew = person.sees(/response_type=code\S*\s/, 600).catch(() => over)
  const first = await Promise.race([over, anew])
  if (!('code' in first)) {
    // There is nothing to carry on, so another login is begun.
    person.interrupts()
    await over
    return { came: 'never exchanged', shown: person.shown }
  }
  const { shown } = person
  if (first.code === 0) return { came: 'carried on', shown }
  expect(shown).toContain('the login was lost, log in again')
  expect(first.code, shown).toBe(4)
  return { came: 'lost', shown }
}
