import { describe, expect, it, vi } from 'vitest'
import { dial, path, state, until, waitPlace } from '../../login/callback/wait-place.ts'
import { isAll } from '../../run-kind.ts'
import { about, type Row } from '../row.ts'

// Another page in the same browser, and other programs of this machine, while a login waits for its callback. None of them ends
// the wait, and the true callback arrives all the same.

vi.setConfig({ testTimeout: 120_000 })

const row = (fault: string, sees: string): Row => ({
  family: 'hostile',
  fault: `callback page: ${fault}`,
  sees,
  exit: 'none: the wait goes on',
  after: 'the true callback arrives',
})

describe('a callback page that is probed', () => {
  it('by a name that somebody else resolves to this machine', async ({ task }) => {
    const told = about(task, row('DNS rebinding, by another Host header', '400 wrong host'))
    const { port, send, hasArrived, comeBack, callback } = await waitPlace()
    const good = `${path}?code=C&state=${state}`
    const hosts = [
      `evil.example:${port}`,
      'localhost',
      `localhost:${port + 1}`,
      `localhost:${port}.evil.example`,
      `127.0.0.1.nip.io:${port}`,
      `[::ffff:7f00:1]:${port}`,
      `0.0.0.0:${port}`,
      `2130706433:${port}`,
      '',
    ]
    for (const host of hosts) {
      const reply = await send(`GET ${good} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      expect([host, reply.status]).toEqual([host, 400])
    }
    expect(await hasArrived()).toBe(false)
    told.cases = hosts.length
    await comeBack()
    await callback.arrived
  })

  it('by forms and images of another page that know no state', async ({ task }) => {
    const told = about(
      task,
      row('CSRF, without or with a guessed state', '400, and a page that shows nothing of the request'),
    )
    const { send, request, hasArrived, comeBack, callback } = await waitPlace()
    const guesses = [
      '',
      'x',
      state.slice(1),
      `${state}x`,
      state.toUpperCase(),
      `${state}&state=${state}`,
      `x&state=${state}`,
      '<script>alert(1)</script>',
    ]
    const from = [
      'Origin: https://evil.example',
      'Referer: https://evil.example/',
      'Sec-Fetch-Site: cross-site',
    ]
    for (const guess of guesses) {
      const reply = await send(request(`${path}?code=stolen&state=${guess}`.replace(/[<>]/g, escape), from))
      expect([guess, reply.status]).toEqual([guess, 400])
      expect(reply.body).not.toMatch(/stolen|<script>/)
      const body = `code=stolen&state=${guess}`
      const type = 'Content-Type: application/x-www-form-urlencoded'
      const posted = await send(
        `${request(path, [...from, type, `Content-Length: ${Buffer.byteLength(body)}`], 'POST')}${body}`,
      )
      expect([guess, posted.status]).toEqual([guess, 400])
    }
    expect(await hasArrived()).toBe(false)
    told.cases = guesses.length * 2
    await comeBack()
    await callback.arrived
  })

  it('by a header and a body of a megabyte', async ({ task }) => {
    const told = about(task, row('a header or body of 1 MB', '431 or 413, or the end of the connection'))
    const { port, hasArrived, comeBack, callback } = await waitPlace()
    const much = 'x'.repeat(1_048_576)
    const requests = [
      `GET ${path}?code=C&state=${state} HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${much}\r\n\r\n`,
      `GET ${path}?code=C&state=${state}&x=${much} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${much.length}\r\n\r\n${much}`,
    ]
    for (const bytes of requests) {
      const { socket, ended } = await dial(port)
      socket.write(bytes)
      expect(await ended).toMatch(/^(HTTP\/1\.1 (431|413|400) [\s\S]*)?$/)
    }
    expect(await hasArrived()).toBe(false)
    told.cases = requests.length
    await comeBack()
    await callback.arrived
  })

  it('by hundreds of connections that send a letter now and then', async ({ task }) => {
    const told = about(
      task,
      row('slow loris: connections that never finish a request', 'nothing: they are ended in seconds'),
    )
    const { port, comeBack, callback } = await waitPlace()
    const count = isAll ? 300 : 80
    const slow = await Promise.all(Array.from({ length: count }, () => dial(port).catch(() => null)))
    const letters = setInterval(() => {
      for (const one of slow) if (one && !one.socket.destroyed) one.socket.write('G')
    }, 200)
    await comeBack()
    await callback.arrived
    await until(() =>
      slow.every((one) => one === null || one.socket.destroyed || one.socket.readyState === 'closed'),
    )
    clearInterval(letters)
    told.cases = count
  })

  it('by a flood of requests', async ({ task }) => {
    const told = about(task, row('a flood of requests', '404 or the end of the connection'))
    const { port, request, comeBack, callback, hasArrived } = await waitPlace()
    const count = isAll ? 3000 : 300
    for (let left = count; left > 0; left -= 100)
      await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          const knock = await dial(port).catch(() => null)
          knock?.socket.write(request(`/${at}`))
          await knock?.ended
        }),
      )
    expect(await hasArrived()).toBe(false)
    told.cases = count
    await comeBack()
    await callback.arrived
  })
})
