import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthorizationResponseError, validateAuthResponse } from 'oauth4webapi'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startBanks } from '../../../lab/bank/banks.ts'
import { labClients } from '../../../lab/bank/client.ts'
import type { Bank } from '../../../lib/invariant.ts'
import { listenForCallback } from '../../../lib/io/login/callback-server.ts'
import { authorizationUrl } from '../../../lib/login/authorize.ts'
import type { CallbackEvent } from '../../../lib/login/callback.ts'
import { anyPort } from '../../any-port.ts'
import { hasBrowser, launchChromium } from './chromium.ts'
import { until } from './wait-place.ts'

const state = 'state-of-this-login'

/** A simulated bank, a wait for its callback, and the address at which a person logs in. */
async function loginPlace(bank: Bank, browser: Browser, options: BrowserContextOptions = {}) {
  const port = await anyPort()
  const path = `/${bank}/callback`
  const redirectUri = `http://localhost:${port}${path}`
  const banks = await startBanks({
    clients: { [bank]: { ...labClients[bank], redirectUris: [redirectUri] } },
  })
  onTestFinished(() => banks.close())
  const events: CallbackEvent[] = []
  const told = (event: CallbackEvent): void => void events.push(event)
  const callback = await listenForCallback({ bank, redirectUri, port, state, told })
  onTestFinished(() => callback.close())
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  // Whatever the browser complains of, a style that the policy refuses above all, is a defect of our page.
  const complaints: string[] = []
  const ours = `:${port}/`
  page.on('console', (message) => {
    if (message.location().url.includes(ours)) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes(ours)) asked.push(new URL(request.url()).pathname)
  })
  const address = (): string =>
    authorizationUrl({
      bank,
      endpoint: `${banks[bank].url()}/`,
      clientId: labClients[bank].id,
      redirectUri,
      state,
      ...(bank === 'truelayer' && { scopes: 'info accounts offline_access', providers: 'uk-ob-natwest' }),
    })
  const hasArrived = (): Promise<boolean> =>
    Promise.race([callback.arrived.then(() => true), new Promise<false>((go) => setTimeout(go, 50, false))])
  return {
    port,
    path,
    redirectUri,
    banks,
    callback,
    events,
    context,
    page,
    complaints,
    asked,
    address,
    hasArrived,
  }
}

/** Clicks without waiting for the page that follows: ours does not end before it is answered. */
const click = (page: Page, id: string): Promise<void> => page.locator(id).click({ noWaitAfter: true })

async function logIn(page: Page, bank: Bank, address: string, choice: 'yes' | 'no' = 'yes'): Promise<void> {
  await page.goto(address)
  if (bank === 'monzo') {
    await click(page, '#send')
    await click(page, '#magic')
    await click(page, choice === 'yes' ? '#link' : '#deny')
    return
  }
  await click(page, '#login')
  await click(page, choice === 'yes' ? '#approve' : '#deny')
}

/** The heading of the one card that is to be seen. */
const heading = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor()
  expect(await page.locator('article:visible').count()).toBe(1)
}

const validated = (bank: Bank, parameters: string): URLSearchParams =>
  validateAuthResponse({ issuer: bank }, { client_id: 'any' }, new URLSearchParams(parameters), state)

describe.runIf(hasBrowser)('a login in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  it.each(['monzo', 'truelayer'] as const)(
    'at %s comes back, waits, and is told that it went well',
    async (bank) => {
      const { callback, page, address, events, complaints, asked, path } = await loginPlace(bank, browser)
      await logIn(page, bank, address())
      await heading(page, `${bank} sent you back`)
      const { parameters } = await callback.arrived
      expect(validated(bank, parameters).get('code')).toMatch(/^simulated-code-/)
      await callback.answer({ bank, outcome: 'done' })
      await heading(page, `${bank} login finished`)
      expect(await page.getByRole('main').innerText()).toContain('you can close this page')
      expect(await page.content()).not.toMatch(/simulated-code|state-of-this-login/)
      expect(events).toEqual([])
      expect(complaints).toEqual([])
      expect(asked).toEqual([path])

      await page.reload()
      await heading(page, `${bank} login finished`)
      expect(await page.title()).toBe(`${bank} login finished`)
    },
  )

  it('is not disturbed by a favicon request, an empty tab and a reload in the middle', async () => {
    const { callback, page, context, address, port, path, events } = await loginPlace('monzo', browser)
    const other = await context.newPage()
    await other.goto(`http://localhost:${port}/favicon.ico`)
    expect(await other.innerText('body')).toContain('nothing here')
    await other.goto(`http://localhost:${port}${path}`)
    await heading(other, 'this is another login')
    await logIn(page, 'monzo', address())
    await heading(page, 'monzo sent you back')
    await callback.arrived
    const second = await context.newPage()
    await second.goto(page.url(), { waitUntil: 'commit' })
    await heading(second, 'monzo sent you back')
    await page.reload({ waitUntil: 'commit' })
    await heading(page, 'monzo sent you back')
    await callback.answer({ bank: 'monzo', outcome: 'wrong-account' })
    for (const tab of [page, second]) await heading(tab, 'this is another account')
    expect(events).toEqual([{ kind: 'not-ours', error: null }])
  })

  it('with a wrong state is ignored; the next one with ours is taken', async () => {
    const { callback, page, address, banks, events, hasArrived } = await loginPlace('monzo', browser)
    banks.monzo.knob({ wrongState: true })
    await logIn(page, 'monzo', address())
    await heading(page, 'this is another login')
    expect(events).toEqual([{ kind: 'not-ours', error: null }])
    expect(await hasArrived()).toBe(false)
    banks.monzo.knob({ wrongState: false })
    await logIn(page, 'monzo', address())
    await heading(page, 'monzo sent you back')
    await callback.arrived
  })

  it('that is denied at TrueLayer comes back as an error that oauth4webapi names', async () => {
    const { callback, page, address } = await loginPlace('truelayer', browser)
    await logIn(page, 'truelayer', address(), 'no')
    await heading(page, 'truelayer sent you back')
    const { parameters } = await callback.arrived
    const refused = (): unknown => validated('truelayer', parameters)
    expect(refused).toThrow(AuthorizationResponseError)
    expect(refused).toThrow(expect.objectContaining({ error: 'access_denied' }))
    await callback.answer({ bank: 'truelayer', outcome: 'denied' })
    await heading(page, 'the login was not allowed')
  })

  it('that is denied with a wrong state is told, and waited for further', async () => {
    const { page, address, banks, events, hasArrived } = await loginPlace('truelayer', browser)
    banks.truelayer.knob({ wrongState: true })
    await logIn(page, 'truelayer', address(), 'no')
    await heading(page, 'the login did not finish')
    expect(events).toEqual([{ kind: 'not-ours', error: 'access_denied' }])
    expect(await hasArrived()).toBe(false)
  })

  it('that is denied at Monzo never comes back', async () => {
    const { page, address, events, hasArrived } = await loginPlace('monzo', browser)
    await logIn(page, 'monzo', address(), 'no')
    await page.getByRole('heading', { name: 'Not linked' }).waitFor()
    expect(events).toEqual([])
    expect(await hasArrived()).toBe(false)
  })

  it.each(['monzo', 'truelayer'] as const)(
    'at %s that comes back without a code is told, and waited for further',
    async (bank) => {
      const { page, address, banks, events, hasArrived } = await loginPlace(bank, browser)
      banks[bank].knob({ withoutCode: true })
      await logIn(page, bank, address())
      await heading(page, 'no code came back')
      expect(events).toEqual([{ kind: 'no-code' }])
      expect(await hasArrived()).toBe(false)
    },
  )

  it('comes back as a form_post too', async () => {
    const { callback, page, address, banks } = await loginPlace('truelayer', browser)
    banks.truelayer.knob({ formPost: true })
    await logIn(page, 'truelayer', address())
    await click(page, '#continue')
    await heading(page, 'truelayer sent you back')
    expect(validated('truelayer', (await callback.arrived).parameters).get('code')).toMatch(
      /^simulated-code-/,
    )
    await callback.answer({ bank: 'truelayer', outcome: 'done' })
    await heading(page, 'truelayer login finished')
  })

  it('loses nothing when its tab is closed', async () => {
    const { callback, page, context, address } = await loginPlace('monzo', browser)
    await logIn(page, 'monzo', address())
    await heading(page, 'monzo sent you back')
    const url = page.url()
    await page.close()
    await callback.answer({ bank: 'monzo', outcome: 'done' })
    const later = await context.newPage()
    await later.goto(url)
    await heading(later, 'monzo login finished')
  })

  it('is told when the program in the terminal ends early', async () => {
    const { callback, page, address } = await loginPlace('monzo', browser)
    await logIn(page, 'monzo', address())
    await heading(page, 'monzo sent you back')
    await callback.close()
    await heading(page, 'your terminal stopped early')
  })

  it("cannot be made up by another page on this machine, nor shown in that page's frame", async () => {
    const { page, port, path, events, hasArrived } = await loginPlace('monzo', browser)
    const target = `http://localhost:${port}${path}`
    const evil = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>evil</title>
        <img src="${target}?code=EVIL&state=guess"><iframe name="frame" src="${target}?error=access_denied"></iframe>
        <form method="post" action="${target}" target="frame"><input name="code" value="EVIL"><input name="state" value="guess"></form>
        <script>
          document.forms[0].submit()
          fetch('${target}?code=EVIL&state=guess').then((r) => r.text()).then((t) => { document.title = 'read ' + t }, () => { document.title = 'refused' })
        </script>`)
    })
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void evil.close())
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`)
    await page.waitForFunction("document.title === 'refused'")
    await until(() => events.length >= 3)
    expect(await hasArrived()).toBe(false)
    const frames = page.frames().slice(1)
    for (const frame of frames) expect(await frame.content()).not.toContain('data-outcome')
  })
})

describe.runIf(hasBrowser)('a browser that resolves names its own way', () => {
  it('is heard on ::1, and not under a name of somebody else', async () => {
    const browser = await launchChromium('--host-resolver-rules=MAP localhost [::1], MAP evil.test 127.0.0.1')
    onTestFinished(() => browser.close())
    const { callback, page, address, port, path, hasArrived } = await loginPlace('monzo', browser)
    await page.goto(`http://evil.test:${port}${path}?code=EVIL&state=${state}`)
    expect(await page.innerText('body')).toContain('wrong host')
    expect(await hasArrived()).toBe(false)
    await logIn(page, 'monzo', address())
    await heading(page, 'monzo sent you back')
    await callback.answer({ bank: 'monzo', outcome: 'done' })
    await heading(page, 'monzo login finished')
  })
})

describe.runIf(hasBrowser)('a browser on another machine', () => {
  it('finds nobody there: its final address is pasted', async () => {
    const browser = await launchChromium('--host-resolver-rules=MAP localhost ~NOTFOUND')
    onTestFinished(() => browser.close())
    const { callback, page, address, redirectUri } = await loginPlace('truelayer', browser)
    let last = ''
    page.on('requestfailed', (request) => {
      last = request.url()
    })
    await logIn(page, 'truelayer', address())
    await until(() => last.startsWith(redirectUri))
    expect(callback.paste(`${last}\r`)).toBe('taken')
    const { parameters } = await callback.arrived
    expect(validated('truelayer', parameters).get('code')).toMatch(/^simulated-code-/)
  })
})

describe.runIf(hasBrowser)('how the page looks', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  it.each([
    ['light', 'rgb(255, 255, 255)', 'rgb(29, 29, 27)'],
    ['dark', 'rgb(29, 29, 27)', 'rgb(237, 237, 233)'],
  ] as const)('%s where the person wants it so', async (colorScheme, back, front) => {
    const { callback, page, port, path } = await loginPlace('truelayer', browser, { colorScheme })
    await callback.answer({ bank: 'truelayer', outcome: 'poll-running' })
    await page.goto(`http://localhost:${port}${path}?code=C&state=${state}`)
    // In the page's own words: the tests are checked without the types of a browser.
    const css = (name: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('article')).${name}`)
    expect(await css('backgroundColor')).toBe(back)
    expect(await css('color')).toBe(front)
  })

  it.each([320, 375, 1280])('fits a width of %i pixels', async (width) => {
    const { callback, page, port, path } = await loginPlace('truelayer', browser, {
      viewport: { width, height: 700 },
    })
    for (const outcome of ['done', 'client-refused', 'wrong-account'] as const) {
      await callback.answer({ bank: 'truelayer', outcome })
      await page.goto(`http://localhost:${port}${path}?code=C&state=${state}`)
      const tooWide = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(tooWide).toBe(0)
    }
  })
})
