import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { listen } from '../../../lib/io/login/callback-listener.ts'
import { anyPort } from '../../any-port.ts'
import { dial, parseReply, path, state, until, waitPlace } from './wait-place.ts'

const good = `${path}?code=C&state=${state}`
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('what is too long', () => {
  it('a header beyond 16 KiB is refused, and says what to do', async () => {
    const { send, request, hasArrived } = await waitPlace()
    const reply = await send(request(good, [`Cookie: ${'x'.repeat(17_000)}`]))
    expect(reply.status).toBe(431)
    expect(reply.body).toContain('paste this address in your terminal')
    expect(await hasArrived()).toBe(false)
  })

  it('an address beyond 16 KiB is refused', async () => {
    const { get } = await waitPlace()
    expect((await get(`${good}&x=${'y'.repeat(17_000)}`)).status).toBe(431)
  })

  const form = 'Content-Type: application/x-www-form-urlencoded'
  it('a body beyond 16 KiB is refused, announced or not', async () => {
    const { send, request, hasArrived } = await waitPlace()
    const body = `code=C&state=${state}&x=${'y'.repeat(17_000)}`
    const announced = request(path, [form, `Content-Length: ${body.length}`], 'POST')
    expect((await send(announced + body)).status).toBe(413)
    const chunked = request(path, [form, 'Transfer-Encoding: chunked'], 'POST')
    expect((await send(`${chunked}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)).status).toBe(413)
    expect(await hasArrived()).toBe(false)
  })

  it('a body of 16 KiB is read', async () => {
    const { callback, send, request } = await waitPlace()
    const body = `code=C&state=${state}&x=`.padEnd(16_384, 'y')
    const reply = send(request(path, [form, `Content-Length: ${body.length}`], 'POST') + body)
    await callback.arrived
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect((await reply).status).toBe(200)
  })
})

describe('what is not HTTP', () => {
  it.each([
    '\x16\x03\x01\x02\x00\x01\x00',
    'hello\r\n\r\n',
    'GET\r\n\r\n',
    '\r\n'.repeat(2_000),
    '\0'.repeat(99),
  ])('%j ends without a word of ours', async (bytes) => {
    const { callback, port, comeBack } = await waitPlace()
    const { socket, ended } = await dial(port)
    socket.end(bytes)
    expect(await ended).toMatch(/^(HTTP\/1\.1 400 [\s\S]*)?$/)
    await comeBack()
    await callback.arrived
  })

  it('a request smuggled behind another is not heard', async () => {
    const { send, request, hasArrived } = await waitPlace()
    const both = ['Content-Length: 4', 'Transfer-Encoding: chunked']
    const reply = await send(`${request('/x', both, 'POST')}0\r\n\r\n${request(good)}`)
    expect(reply.status).toBe(400)
    expect(await hasArrived()).toBe(false)
  })

  it('garbage behind the right request does not spoil it', async () => {
    const { callback, comeBack } = await waitPlace()
    const tab = await comeBack()
    tab.socket.write('garbage\r\n\r\n')
    await callback.arrived
    await wait(50)
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    const later = await comeBack()
    expect(await later.ended).toContain('truelayer login finished')
  })
})

describe('what is slow', () => {
  it('silence, half a header and half a body end in seconds; a tab that waits does not', async () => {
    const { callback, port, request, comeBack, events } = await waitPlace()
    const tab = await comeBack()
    await callback.arrived
    const silent = await dial(port)
    const half = await dial(port)
    half.socket.write(`GET ${good} HTTP/1.1\r\nHost:`)
    const drip = await dial(port)
    drip.socket.write(`GET ${good} HTTP/1.1\r\n`)
    const dripping = setInterval(() => drip.socket.write('X-Slow: x\r\n'), 500)
    const body = await dial(port)
    const lines = ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 100']
    body.socket.write(`${request(path, lines, 'POST')}code=C`)
    const began = performance.now()
    expect(await silent.ended).toBe('')
    expect(parseReply(await half.ended).status).toBe(408)
    expect(parseReply(await drip.ended).status).toBe(408)
    clearInterval(dripping)
    expect(performance.now() - began).toBeLessThan(9_000)
    expect(parseReply(await body.ended).status).toBe(408)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(tab.socket.destroyed).toBe(false)
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect(await tab.ended).toContain('truelayer login finished')
    expect(events).toEqual([])
  })
})

describe('what is too many', () => {
  it('a flood of idle connections keeps no browser out, nor ends a tab that waits', async () => {
    const { callback, port, comeBack } = await waitPlace()
    const tab = await comeBack()
    const idle = await Promise.all(Array.from({ length: 200 }, () => dial(port)))
    await until(() => idle.filter(({ socket }) => !socket.destroyed).length < 64)
    const later = await comeBack()
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    for (const one of [tab, later]) expect(await one.ended).toContain('truelayer login finished')
  })

  it('64 are open at most, over both addresses, and when all of them wait a further one is turned away', async () => {
    const { callback, port, request } = await waitPlace()
    const tabs = await Promise.all(
      Array.from({ length: 70 }, async (_, i) => {
        const tab = await dial(port, i % 2 ? '::1' : '127.0.0.1')
        tab.socket.write(request(good))
        return tab
      }),
    )
    await until(() => tabs.filter((tab) => tab.text().includes('data-outcome')).length >= 64)
    await until(() => tabs.filter(({ socket }) => !socket.destroyed).length === 64)
    await wait(100)
    expect(tabs.filter(({ socket }) => !socket.destroyed)).toHaveLength(64)
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
  })

  it('a thousand wrong ones in a row change nothing', async () => {
    const { callback, get, comeBack, events } = await waitPlace()
    for (let round = 0; round < 50; round += 1)
      await Promise.all(Array.from({ length: 20 }, (_, i) => get(`${path}?code=C&state=guess-${round}-${i}`)))
    expect(events).toHaveLength(10)
    await comeBack()
    await callback.arrived
  })
})

describe('the addresses', () => {
  it('are both or none: what is taken on ::1 alone is taken', async () => {
    const port = await anyPort()
    const quiet = [() => undefined, () => false] as const
    const other = await listen(port, ...quiet, ['::1'])
    await expect(listen(port, ...quiet)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await other.close()
    const both = await listen(port, ...quiet)
    expect(both.hosts).toEqual(['127.0.0.1', '::1'])
    await both.close()
  })

  it('are one where the machine does not have the other, but never none', async () => {
    const port = await anyPort()
    const quiet = [() => undefined, () => false] as const
    // 2001:db8::1 is for documentation: no machine has it
    const one = await listen(port, ...quiet, ['127.0.0.1', '2001:db8::1'])
    expect(one.hosts).toEqual(['127.0.0.1'])
    await one.close()
    await expect(listen(port, ...quiet, ['2001:db8::1', '127.0.0.1'])).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    })
  })
})

describe('the process', () => {
  it('ends by itself after close, with a tab open and an idle connection', async () => {
    const port = await anyPort()
    const program = `
      const { listenForCallback } = await import(${JSON.stringify(join(import.meta.dirname, '../../../lib/io/login/callback-server.ts'))})
      const { connect } = await import('node:net')
      const callback = await listenForCallback({ bank: 'monzo', redirectUri: 'http://localhost:${port}/x', port: ${port}, state: 's', told: () => {} })
      connect(${port}, '127.0.0.1').on('error', () => {})
      fetch('http://localhost:${port}/x?code=C&state=s').then((reply) => reply.text()).then((text) => console.log(text.includes('monzo login finished')))
      await callback.arrived
      await callback.answer({ bank: 'monzo', outcome: 'done' })
      await callback.close()`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 30_000,
    })
    expect(stdout.trim()).toBe('true')
  })
})
