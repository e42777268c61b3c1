import { request as httpRequest } from 'node:http'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { dial, parseReply, path, state, waitPlace } from './wait-place.ts'

const good = `${path}?code=CODE-1&scope=info%20accounts&state=${state}`

describe('the callback that is waited for', () => {
  it('arrives with its query as it came, and the tab sees how it ended', async () => {
    const { callback, comeBack, events } = await waitPlace()
    const tab = await comeBack(good.split('?')[1])
    expect(await callback.arrived).toEqual({ parameters: good.split('?')[1] })
    expect(tab.text()).toContain('your terminal is finishing the login')
    expect(tab.text()).not.toContain('truelayer login finished')
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    const { status, body } = parseReply(await tab.ended)
    expect(status).toBe(200)
    expect(body).toContain('<h1>truelayer login finished</h1>')
    expect(events).toEqual([])
  })

  it('arrives by IPv6 too', async () => {
    const { callback, get } = await waitPlace()
    const reply = get(good, '::1')
    await callback.arrived
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect((await reply).status).toBe(200)
  })

  it('arrives as a form_post', async () => {
    const { callback, send, request } = await waitPlace()
    const body = `code=C&state=${state}`
    const lines = [
      'Content-Type: application/x-www-form-urlencoded; charset=UTF-8',
      `Content-Length: ${body.length}`,
    ]
    const reply = send(request(path, lines, 'POST') + body)
    expect(await callback.arrived).toEqual({ parameters: body })
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect((await reply).status).toBe(200)
  })

  it("arrives as the bank's error, for oauth4webapi to tell which", async () => {
    const { callback, comeBack, events } = await waitPlace()
    const tab = await comeBack(`error=access_denied&state=${state}`)
    expect((await callback.arrived).parameters).toBe(`error=access_denied&state=${state}`)
    await callback.answer({ bank: 'truelayer', outcome: 'denied' })
    expect(await tab.ended).toContain('the login was not allowed')
    expect(events).toEqual([])
  })

  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '[::1]'])('arrives at the host %s', async (host) => {
    const { callback, port, send } = await waitPlace()
    const reply = send(`GET ${good} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`)
    await callback.arrived
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect((await reply).status).toBe(200)
  })

  it('is one: a reload and a second tab wait as well and see the same page, before the end and after it', async () => {
    const { callback, comeBack, get } = await waitPlace()
    const first = await comeBack('code=C&state=our-state-0123456789')
    const second = await comeBack('code=ANOTHER&state=our-state-0123456789')
    expect(second.text()).toContain('data-outcome="waiting"')
    expect((await callback.arrived).parameters).toContain('code=C&')
    await callback.answer({ bank: 'truelayer', outcome: 'unreachable' })
    for (const tab of [first, second]) expect(await tab.ended).toContain('<h1>nothing was exchanged</h1>')
    for (const target of [good, good])
      expect((await get(target)).body).toContain('<h1>nothing was exchanged</h1>')
  })

  it('holds on when the person closes the tab', async () => {
    const { callback, comeBack, get } = await waitPlace()
    const tab = await comeBack()
    await callback.arrived
    tab.socket.destroy()
    const later = await comeBack()
    later.socket.resetAndDestroy()
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect((await get(good)).body).toContain('truelayer login finished')
  })

  it('does not hold up the answer when a tab does not read', async () => {
    const { callback, comeBack } = await waitPlace()
    const tab = await comeBack()
    tab.socket.pause()
    const began = performance.now()
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    expect(performance.now() - began).toBeLessThan(3_000)
  })

  it('tells a tab that still waits that the program ended, and leaves the port free', async () => {
    const { callback, comeBack, port } = await waitPlace()
    const tab = await comeBack()
    await callback.close()
    expect(await tab.ended).toContain('<h1>your terminal stopped early</h1>')
    await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is not taken any more once an answer is given', async () => {
    const { callback, get, hasArrived } = await waitPlace()
    await callback.answer({ bank: 'truelayer', outcome: 'cancelled' })
    expect((await get(good)).body).toContain('the login was stopped')
    expect(await hasArrived()).toBe(false)
  })
})

describe('what comes to the right address and is not it', () => {
  it.each([
    [`code=C&state=not-${state}`, 'this is another login', { kind: 'not-ours', error: null }],
    [`code=C&state=${state.toUpperCase()}`, 'this is another login', { kind: 'not-ours', error: null }],
    [`code=C&state=${state}%00`, 'this is another login', { kind: 'not-ours', error: null }],
    ['code=C', 'this is another login', { kind: 'not-ours', error: null }],
    ['', 'this is another login', { kind: 'not-ours', error: null }],
    ['error=access_denied', 'the login did not finish', { kind: 'not-ours', error: 'access_denied' }],
    [
      'error=access_denied&state=other',
      'the login did not finish',
      { kind: 'not-ours', error: 'access_denied' },
    ],
    [`state=${state}`, 'no code came back', { kind: 'no-code' }],
    [`code=C&state=${state}&state=${state}`, 'this answer cannot be read', { kind: 'doubled' }],
    [`code=C&code=D&state=${state}`, 'this answer cannot be read', { kind: 'doubled' }],
  ])('?%s is answered, told, and the wait goes on', async (query, title, event) => {
    const { callback, get, events, hasArrived, comeBack } = await waitPlace()
    const { status, body } = await get(`${path}?${query}`)
    expect(status).toBe(400)
    expect(body).toContain(`<h1>${title}</h1>`)
    expect(body).toContain('still waits for the login')
    expect(events).toEqual([event])
    expect(await hasArrived()).toBe(false)
    await comeBack()
    await callback.arrived
  })

  it('is told ten times at most', async () => {
    const { get, events } = await waitPlace()
    for (let i = 0; i < 15; i += 1) await get(`${path}?error=access_denied`)
    await get(`${path}?state=${state}`)
    expect(events).toHaveLength(11)
  })

  it('is never reflected, neither on the page nor in its headers', async () => {
    const { get } = await waitPlace()
    for (const text of ['%3Cscript%3EINJECTED%3C/script%3E', 'INJECTED%0d%0aSet-Cookie:INJECTED']) {
      const { head, body } = await get(`${path}?error=${text}&error_description=${text}&state=${text}`)
      expect(head + body).not.toContain('INJECTED')
    }
  })
})

describe('what does not come to the right address', () => {
  it.each([
    ['another path', '/', 404],
    ['the favicon', '/favicon.ico', 404],
    ["the other bank's path", '/monzo/callback?code=C&state=our-state-0123456789', 404],
    ['a path with a slash more', `${path}/?code=C&state=our-state-0123456789`, 404],
    ['a path that leads there', `/x/..${path}?code=C&state=our-state-0123456789`, 404],
    ['a path in other letters', '/TrueLayer/callback?code=C&state=our-state-0123456789', 404],
    ['a whole address', `http://localhost${path}?code=C&state=our-state-0123456789`, 404],
  ])('%s: ignored without an event', async (_, target, expected) => {
    const { get, events, hasArrived } = await waitPlace()
    const { status, body } = await get(target)
    expect(status).toBe(expected)
    expect(body).toContain('nothing here')
    expect(events).toEqual([])
    expect(await hasArrived()).toBe(false)
  })

  it.each(['HEAD', 'PUT', 'DELETE', 'OPTIONS'])('the method %s: ignored', async (method) => {
    const { send, request, events, hasArrived } = await waitPlace()
    const reply = await send(request(good, [], method))
    expect(reply.status).toBe(405)
    expect(reply.head).not.toMatch(/access-control/i)
    expect(events).toEqual([])
    expect(await hasArrived()).toBe(false)
  })

  it.each([
    ['evil.example.test', (port: number) => [`Host: evil.example.test:${port}`]],
    ['a name below localhost', (port: number) => [`Host: evil.localhost:${port}`]],
    ['no port', () => ['Host: localhost']],
    ['another port', (port: number) => [`Host: localhost:${port + 1}`]],
    ['two hosts', (port: number) => [`Host: localhost:${port}`, `Host: localhost:${port}`]],
    ['a host behind credentials', (port: number) => [`Host: evil@localhost:${port}`]],
  ])('a page that another name resolves to us (%s): ignored', async (_, hosts) => {
    const { send, port, events, hasArrived } = await waitPlace()
    const reply = await send([`GET ${good} HTTP/1.1`, ...hosts(port), '', ''].join('\r\n'))
    expect(reply.status).toBe(400)
    expect(events).toEqual([])
    expect(await hasArrived()).toBe(false)
  })

  it('HTTP/1.0 without a host: ignored', async () => {
    const { send, hasArrived } = await waitPlace()
    expect((await send(`GET ${good} HTTP/1.0\r\n\r\n`)).status).toBe(400)
    expect(await hasArrived()).toBe(false)
  })

  it.each(['text/plain', 'application/json', 'multipart/form-data; boundary=x'])(
    'a POST as %s: ignored',
    async (type) => {
      const { send, request, hasArrived } = await waitPlace()
      const body = `code=C&state=${state}`
      const lines = [`Content-Type: ${type}`, `Content-Length: ${body.length}`]
      expect((await send(request(path, lines, 'POST') + body)).status).toBe(400)
      expect(await hasArrived()).toBe(false)
    },
  )

  it('any address of this machine but loopback: nobody listens there', async () => {
    const { callback, port } = await waitPlace()
    expect(callback.hosts).toEqual(['127.0.0.1', '::1'])
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address)
    // 127.0.0.2 is loopback and not ours, also on a machine without a network
    for (const host of [...others, ...(process.platform === 'linux' ? ['127.0.0.2'] : [])])
      await expect(reaches(host, port)).resolves.toBe(false)
  })
})

const reaches = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = httpRequest({ host, port, path: '/' }, () => resolve(true))
    asked.on('error', () => resolve(false))
    asked.end()
  })

describe('the headers', () => {
  it.each([good, `${path}?code=C`, '/favicon.ico'])(
    'of %s keep the address from everybody',
    async (target) => {
      const { callback, get } = await waitPlace()
      await callback.answer({ bank: 'truelayer', outcome: 'done' })
      const { head } = await get(target)
      expect(head).toMatch(/^Connection: close$/m)
      expect(head).toMatch(/^Cache-Control: no-store$/m)
      expect(head).toMatch(/^Referrer-Policy: no-referrer$/m)
      expect(head).toMatch(/^X-Content-Type-Options: nosniff$/m)
      expect(head).toMatch(/^Content-Security-Policy: default-src 'none';/m)
      expect(head).not.toMatch(/unsafe|access-control|set-cookie|x-powered-by/i)
    },
  )
})

describe('a pasted address', () => {
  it('is taken like a callback', async () => {
    const { callback, redirectUri } = await waitPlace()
    expect(callback.paste(` "${redirectUri}?code=C&state=${state}"\r`)).toBe('taken')
    expect(await callback.arrived).toEqual({ parameters: `code=C&state=${state}` })
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
  })

  it('is taken as an error of the bank', async () => {
    const { callback, redirectUri } = await waitPlace()
    expect(callback.paste(`${redirectUri}?error=access_denied&state=${state}`)).toBe('taken')
    expect((await callback.arrived).parameters).toContain('access_denied')
  })

  it.each([
    ['code=C&state=other', 'wrong state'],
    ['code=C', 'wrong state'],
    ['error=access_denied', 'wrong state'],
    [`state=${state}`, 'no code'],
    [`code=C&code=D&state=${state}`, 'not a callback'],
    ['', 'not a callback'],
  ])('with ?%s: %s, and the wait goes on without an event', async (query, says) => {
    const { callback, redirectUri, events, hasArrived } = await waitPlace()
    expect(callback.paste(`${redirectUri}?${query}`)).toBe(says)
    expect(events).toEqual([])
    expect(await hasArrived()).toBe(false)
  })

  it('of another page is not one', async () => {
    const { callback } = await waitPlace()
    expect(callback.paste(`https://auth.truelayer.com/?code=C&state=${state}`)).toBe('not a callback')
    expect(callback.paste('yes')).toBe('not a callback')
  })

  it('may come after the browser did: the first one counts', async () => {
    const { callback, comeBack, redirectUri } = await waitPlace()
    await comeBack(`code=FIRST&state=${state}`)
    expect(callback.paste(`${redirectUri}?code=SECOND&state=${state}`)).toBe('taken')
    expect((await callback.arrived).parameters).toContain('FIRST')
  })
})
