import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Bank } from '../../lib/invariant.ts'
import { hasBrowser, launchChromium } from '../login/callback/chromium.ts'
import { banks, type LoginPlace, loginPlace } from './login-place.ts'

// The whole way with a real browser, which `npm run reauth` itself opens: what stands for the person's own browser notes the
// address, and Chromium goes there.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

describe.runIf(hasBrowser)('npm run reauth with a real browser', () => {
  let place: LoginPlace
  let browser: Browser
  let opener: string
  beforeAll(async () => {
    place = await loginPlace({ recorded: true })
    browser = await launchChromium()
    opener = join(place.project.dir, 'browser')
    writeFileSync(
      opener,
      `#!/bin/sh\nprintf %s "$1" > '${opener}.new' && mv '${opener}.new' '${opener}.opened'\n`,
    )
    chmodSync(opener, 0o700)
  })
  afterAll(async () => {
    await browser?.close()
    await place.end()
  })

  /** A login at the terminal, and the page that its browser shows first. */
  async function begin(bank: Bank, from: Browser, ...flags: string[]) {
    const way = place.way(bank).slice(1)
    const person = place.browsing({ BROWSER: opener }, bank, ...way, ...flags)
    await person.sees(/your browser is open/)
    const shown = await person.address()
    const opened = readFileSync(`${opener}.opened`, 'utf8')
    expect(opened).toBe(shown)
    const context = await from.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(opened)
    return { person, page, context }
  }

  const click = (page: Page, id: string): Promise<void> => page.locator(id).click({ noWaitAfter: true })
  const heading = (page: Page, name: string): Promise<void> =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor()

  async function agrees(page: Page, bank: Bank, choice: 'yes' | 'no' = 'yes'): Promise<void> {
    if (bank === 'monzo') {
      await click(page, '#send')
      await click(page, '#magic')
      await click(page, choice === 'yes' ? '#link' : '#deny')
    } else {
      await click(page, '#login')
      await click(page, choice === 'yes' ? '#approve' : '#deny')
    }
  }

  it.each(banks)('%s: from a dead token to the next good poll', async (bank) => {
    await place.dies(bank)
    expect((await place.doctor(bank)).verdict).toBe('refresh-dead')
    const { person, page, context } = await begin(bank, browser)
    await agrees(page, bank)
    await heading(page, `${bank} sent you back`)
    await person.sees(/the right one\? type yes/)
    person.types('yes')
    await heading(page, `${bank} login finished`)
    expect(await page.content()).not.toMatch(/simulated-(code|access|refresh)/)
    if (bank === 'monzo') {
      await person.sees(/approve in the Monzo app/)
      const app = await context.newPage()
      await app.goto(new URL('/app', (await person.address()).replace(/\?.*/, '')).href)
      await app.getByRole('button', { name: 'Approve' }).click()
    }
    expect(await person.end(), person.shown).toBe(0)
    expect(await place.isLive(bank)).toBe(true)
    expect(await place.atRest(bank)).toEqual({ timer: true, switch: '', staged: '', lease: null })
    expect(place.macFiles(bank)).toEqual(['.reauth/.gitignore', `${bank}_credentials.json`])
    expect((await place.doctor(bank)).verdict).toBe('healthy')
    expect((await place.project.preview()).code).toBe(0)
  })

  it('a login that is said no to at TrueLayer changes nothing, and both sides say so', async () => {
    const old = await place.refreshOnZ2('truelayer')
    const { person, page } = await begin('truelayer', browser, '--anyway')
    await agrees(page, 'truelayer', 'no')
    await heading(page, 'the login was not allowed')
    expect(await person.end()).toBe(1)
    expect(person.shown).toMatch(/error: the bank did not allow the login\nwhy: .*access_denied/)
    expect(await place.refreshOnZ2('truelayer')).toBe(old)
    expect(await place.atRest('truelayer')).toEqual({ timer: true, switch: '', staged: '', lease: null })
    expect(place.journal('truelayer')).toBe(null)
  })

  it('a browser on another machine is helped by pasting its last address, which is not shown', async () => {
    const elsewhere = await launchChromium('--host-resolver-rules=MAP localhost 127.0.0.9')
    onTestFinished(() => elsewhere.close())
    const { person, page } = await begin('truelayer', elsewhere, '--anyway')
    let last = ''
    page.on('request', (request) => {
      if (request.url().includes(`localhost:${place.port}/`)) last = request.url()
    })
    await agrees(page, 'truelayer')
    await expect.poll(() => last).toMatch(/code=/)
    person.types(last.replace(/state=[^&]*/, 'state=another'))
    await person.sees(/! that is wrong state; still waiting/)
    person.types('https://example.test/')
    await person.sees(/! that is not a callback; still waiting/)
    person.types(last)
    expect(await person.end(), person.shown).toBe(0)
    expect(person.shown).not.toContain(new URL(last).searchParams.get('code'))
    expect(existsSync(place.mac('truelayer', 'tokens_truelayer.json'))).toBe(false)
    expect((await place.doctor('truelayer')).verdict).toBe('healthy')
  })
})
