import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Me } from '../../../lib/login/order.ts'
import { isAll } from '../../run-kind.ts'
import { account, callsOf, fingerprint, mishap, newChain, Z2Place } from './place.ts'

// SIGKILL after every call of an order that changes a disk, and in the middle of every write. Whatever is left, the chain in the data folder is the old or the new one as a whole, and the record says which.

let z2: Z2Place
let calls: string[]

beforeAll(async () => {
  z2 = new Z2Place('monzo')
  calls = await callsOf(z2, newChain(z2, await z2.stopped()).order)
})
afterAll(() => z2.end())

const hows = ['after', 'half'] as const

/** A new login on a Z2 whose poller is stopped already; it carries on from the chain that is there. */
async function another(): Promise<{ me: Me; before: string | null }> {
  const { holder, pid, login } = await z2.take()
  const reply = await z2.ask({ do: 'see' })
  if (!('token' in reply)) throw new Error(reply.why)
  return { me: { holder, pid, login }, before: reply.token.fingerprint }
}

const seen = async () => {
  const reply = await z2.ask({ do: 'see' })
  if (!('token' in reply)) throw new Error(reply.why)
  return reply
}

describe('a commit that is killed', () => {
  it('is one of some twenty calls, so that the rounds below are what they seem to be', () => {
    expect(calls.filter((call) => call.startsWith('rename'))).toHaveLength(3)
    expect(calls.length).toBeGreaterThan(20)
  })

  it.each(hows)(
    '%s any of its calls leaves one whole chain, a record that tells which, and ends well when it is asked again',
    async (how) => {
      const outcomes = new Set<string>()
      for (let at = 1; at <= calls.length; at += 1) {
        if (how === 'half' && !calls[at - 1]?.startsWith('write')) continue
        const before = await another()
        const old = {
          tokens: z2.read(z2.tokenPath()),
          credentials: z2.read(z2.credentialsPath()),
          record: (await seen()).record,
        }
        const { order, tokens, credentials, refresh } = newChain(z2, before)
        const killed = await z2.run(order, mishap({ at, how }))
        const where = `${how} ${calls[at - 1]}`
        expect(killed.out, where).toBe('')

        const left = z2.read(z2.tokenPath())
        const isNew = left === tokens
        outcomes.add(isNew ? 'new' : 'old')
        expect([old.tokens, tokens], where).toContain(left)
        expect([old.credentials, credentials], where).toContain(z2.read(z2.credentialsPath()))
        const told = (await seen()).record
        if (isNew) expect(told, where).toMatchObject({ login: before.me.login, refresh, account })
        else expect(told, where).toEqual(old.record)

        const again = await z2.ask(order)
        expect(again, where).toMatchObject({
          done: true,
          already: isNew,
          record: { login: before.me.login, refresh },
        })
        expect([z2.read(z2.tokenPath()), z2.read(z2.credentialsPath())], where).toEqual([tokens, credentials])
        expectTidy(where)
      }
      expect([...outcomes].sort()).toEqual(how === 'half' ? ['old'] : ['new', 'old'])
    },
  )

  it('is told rightly even when CT109 has rotated the chain before anybody looked', async () => {
    // from the first trace of the new chain outside the staging folder
    const first = calls.findIndex((call) => call.endsWith('monzo.json.new')) + 1
    for (let at = first; at <= calls.length; at += 1) {
      const before = await another()
      const old = (await seen()).record
      const { order, tokens, refresh } = newChain(z2, before)
      await z2.run(order, mishap({ at, how: 'after' }))
      const wasNew = z2.read(z2.tokenPath()) === tokens
      const rotated = `${JSON.stringify({ refresh_token: `rotated-${at}` })}\n`
      z2.write(z2.tokenPath(), rotated)
      const { record, token } = await seen()
      expect(token.fingerprint).toBe(fingerprint(`rotated-${at}`))
      expect(record, calls[at - 1]).toEqual(
        wasNew ? expect.objectContaining({ login: before.me.login, refresh }) : old,
      )
      expect(await z2.ask(order), calls[at - 1]).toMatchObject(
        wasNew ? { done: true, already: true } : { done: false, no: 'rotated' },
      )
      // whatever it was, what CT109 has made of the chain stays
      expect(z2.read(z2.tokenPath())).toBe(rotated)
    }
  })
})

describe('what a killed commit has left', () => {
  /** The number of the call after which the commit is killed: with its rename still to come, or just done. */
  const callOf = (step: 'not renamed' | 'renamed'): number =>
    calls.findIndex((call) =>
      step === 'renamed'
        ? call.startsWith('rename') && call.endsWith('tokens_monzo.json')
        : call.startsWith('sync') && call.endsWith('monzo.json.new'),
    ) + 1

  it.each(['not renamed', 'renamed'] as const)(
    '(%s) is told rightly and settled rightly wherever the next taker is killed as well',
    async (step) => {
      const order = { do: 'take', holder: 'nnamdi@mac', pid: 4242, login: null, seconds: 90 } as const
      // Each call of the next taker is tried in one of the two, and in both where all is tried.
      let isOver = false
      for (let at = isAll || step === 'renamed' ? 1 : 2; !isOver; at += isAll ? 1 : 2) {
        if (at > 30) throw new Error('the taker never came to its end')
        const before = await another()
        const old = (await seen()).record
        const { order: commit, refresh } = newChain(z2, before)
        await z2.run(commit, mishap({ at: callOf(step), how: 'after' }))
        const expected =
          step === 'renamed' ? expect.objectContaining({ login: before.me.login, refresh }) : old
        const { out } = await z2.run(order, mishap({ at, how: 'after' }))
        expect((await seen()).record, `call ${at}`).toEqual(expected)
        await z2.take()
        expect((await seen()).record, `call ${at}`).toEqual(expected)
        expectTidy(`call ${at}`)
        isOver = out !== ''
      }
    },
  )
})

/** Nothing is left but what belongs there. */
function expectTidy(where: string): void {
  expect(readdirSync(z2.path(z2.staging)), where).toEqual([])
  expect(readdirSync(z2.path('/var/lib/bulma-infra')).sort(), where).toEqual(['monzo.json', 'monzo.login'])
}
