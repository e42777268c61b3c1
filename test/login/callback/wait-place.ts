import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Callback, listenForCallback } from '../../../lib/io/login/callback-server.ts'
import type { CallbackEvent } from '../../../lib/login/callback.ts'
import { anyPort } from '../../any-port.ts'

export const state = 'our-state-0123456789'
export const path = '/truelayer/callback'

export type Reply = { status: number; head: string; body: string }

export const parseReply = (text: string): Reply => {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return { status: Number(head.match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') }
}

/** Opens a connection; what comes back is gathered in `text()`. Rejects when nobody listens. */
export async function dial(port: number, host = '127.0.0.1') {
  const socket: Socket = connect(port, host)
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  // A connection that the other side resets has ended as well.
  socket.on('error', () => socket.destroy())
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  onTestFinished(() => void socket.destroy())
  return { socket, text: () => text, ended }
}

/** A wait for a callback, and the ways to knock at it. */
export async function waitPlace(bank: 'monzo' | 'truelayer' = 'truelayer') {
  const port = await anyPort()
  const redirectUri = `http://localhost:${port}${path}`
  const events: CallbackEvent[] = []
  const callback: Callback = await listenForCallback({
    bank,
    redirectUri,
    port,
    state,
    told: (event) => events.push(event),
  })
  onTestFinished(() => callback.close())

  /** Sends these bytes and reads until the other side ends. */
  const send = async (bytes: string, host?: string): Promise<Reply> => {
    const { socket, ended } = await dial(port, host)
    socket.write(bytes)
    return parseReply(await ended)
  }
  const request = (target: string, lines: string[] = [], method = 'GET'): string =>
    [`${method} ${target} HTTP/1.1`, `Host: localhost:${port}`, ...lines, '', ''].join('\r\n')
  const get = (target: string, host?: string): Promise<Reply> => send(request(target), host)
  /** Has a callback arrived by now? */
  const hasArrived = (): Promise<boolean> =>
    Promise.race([callback.arrived.then(() => true), new Promise<false>((go) => setTimeout(go, 20, false))])
  /** A tab that came back as it should, and waits. */
  const comeBack = async (query = `code=C&state=${state}`) => {
    const tab = await dial(port)
    tab.socket.write(request(`${path}?${query}`))
    await until(() => tab.text().includes('data-outcome'))
    return tab
  }
  return { port, redirectUri, events, callback, send, request, get, hasArrived, comeBack }
}

/** Looks again and again for up to twenty seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000; i += 1) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it never came to hold')
}
