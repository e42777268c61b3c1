import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bank } from '../../invariant.ts'
import {
  type CallbackEvent,
  type CallbackVerdict,
  judgeCallback,
  pastedParameters,
} from '../../login/callback.ts'
import type { CallbackAddress } from '../../login/callback-address.ts'
import { type CallbackPage, renderPage } from '../../login/callback-page.ts'
import { gatherAudience } from './callback-audience.ts'
import { pageHeaders, plainHeaders } from './callback-headers.ts'
import { listen, loopbackHosts } from './callback-listener.ts'
import { readCallback } from './callback-request.ts'
import { portProblem } from './port-owner.ts'

/** The parameters as they came, for oauth4webapi's validateAuthResponse. They hold a code: never to be shown. */
export type Arrived = { parameters: string }

export type Callback = {
  /** the first callback with our state and a code or an error, or a pasted one; stays open for ever when none comes */
  arrived: Promise<Arrived>
  /** takes a final address that a person pasted */
  paste(text: string): 'taken' | 'not a callback' | 'wrong state' | 'no code'
  /** what every tab that came back with our state sees from now on; resolves when those that wait have it */
  answer(page: CallbackPage): Promise<void>
  /** the addresses that are listened on */
  hosts: string[]
  /** ends every connection; whoever still waits is told that the program ended */
  close(): Promise<void>
}

/** A page that asks for the same thing over and over is not worth a line each time. */
const maxTold = 10

/**
 * Waits on this machine's loopback for the bank to send the browser back. Whatever is not a callback of this very login is
 * answered and changes nothing.
 * @param of.state ours; whoever knows it can answer for the bank
 * @param of.told what happened that did not end the wait
 * @param of.command what a person types to begin again, for the message when the port is taken
 * @throws Problem (1) when the port is taken, (64) when it may not be opened
 */
export async function listenForCallback(
  of: Omit<CallbackAddress, 'path'> & {
    bank: Bank
    state: string
    told(event: CallbackEvent): void
    command?: string
  },
): Promise<Callback> {
  const { bank, told, redirectUri, port } = of
  const address = { redirectUri, port, path: new URL(redirectUri).pathname }
  const isOurs = sameAs(of.state)
  const audience = gatherAudience(bank)
  const arrival = Promise.withResolvers<Arrived>()
  let isWaiting = true
  const counts = new Map<string, number>()
  const tell = (event: CallbackEvent): void => {
    if (!isWaiting) return
    const count = (counts.get(event.kind) ?? 0) + 1
    counts.set(event.kind, count)
    if (count <= maxTold) told(event)
  }

  /** Judges what came by browser or by hand. The first good one ends the wait. */
  const take = (parameters: string): CallbackVerdict => {
    const verdict = judgeCallback(parameters, isOurs)
    if (verdict.kind !== 'arrived') return verdict
    if (isWaiting) arrival.resolve({ parameters })
    isWaiting = false
    return verdict
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readCallback(incoming, address)
    if ('status' in request) {
      response.writeHead(request.status, plainHeaders).end(`${request.says}\n`)
      return
    }
    const verdict = take(request.parameters)
    if (verdict.kind === 'arrived') {
      audience.seat(response)
      return
    }
    tell(verdict)
    const outcome = verdict.kind === 'not-ours' && verdict.error !== null ? 'error-not-ours' : verdict.kind
    response.writeHead(400, pageHeaders).end(renderPage({ bank, outcome }))
  }

  const listener = await listen(
    port,
    (incoming, response) => {
      // Rejects only when the sender went away while it was sending: there is nobody to answer.
      serve(incoming, response).catch(() => response.destroy())
    },
    audience.isWaiting,
  ).catch(async (error: NodeJS.ErrnoException) => {
    audience.end()
    throw await portProblem(error, address, of.command ?? `npm run reauth -- ${bank}`)
  })
  if (listener.hosts.length < loopbackHosts.length) tell({ kind: 'no-ipv6' })

  const answer = (page: CallbackPage): Promise<void> => {
    isWaiting = false
    return audience.tell(page)
  }
  return {
    arrived: arrival.promise,
    hosts: listener.hosts,
    paste(text) {
      const parameters = pastedParameters(text, address)
      if (parameters === null) return 'not a callback'
      const { kind } = take(parameters)
      if (kind === 'arrived') return 'taken'
      return kind === 'no-code' ? 'no code' : kind === 'doubled' ? 'not a callback' : 'wrong state'
    },
    answer,
    async close() {
      if (audience.size() > 0) await audience.tell({ bank, outcome: 'interrupted' })
      audience.end()
      await listener.close()
    },
  }
}

/** Compares in constant time, whatever the lengths. */
function sameAs(state: string): (other: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const ours = digest(state)
  return (other) => timingSafeEqual(digest(other), ours)
}
