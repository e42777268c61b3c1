import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../lib/config.ts'
import { palette } from '../../lib/login/callback-page-style.ts'
import { chronicle } from '../../lib/watch/chronicle.ts'
import type { Entry } from '../../lib/watch/entry.ts'
import { renderPage } from '../../lib/watch/page.ts'
import { filling, pageStyle } from '../../lib/watch/page-style.ts'
import { declare } from '../../stacks/declaration.ts'
import { contrast } from '../contrast.ts'
import { hasBrowser, launchChromium } from '../login/callback/chromium.ts'
import { lastMs, longHistory, monzoTimer } from './long-history.ts'

const styleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`
const ids = declare(parseConfig({}, 'x')).invariants.map(({ id }) => id)
const place = { stack: 'z2', container: 'ct109 bulma-finance', madeMs: lastMs + 600_000, styleHash }
const pageOf = (entries: Entry[], host = 'hinata-z2', bad = 0): string =>
  renderPage(chronicle({ entries, bad }, ids, lastMs - 30 * 86_400_000), { ...place, host }, bad)

const attack = `"'><script>document.title='owned'</script><img src=x onerror="document.title='owned'">&lt;\u0000\u202e`
/** The long history with an attack wherever a text can stand. */
const hostile = (): Entry[] =>
  longHistory().map((one): Entry => {
    if (one.kind === 'unseen') return { ...one, why: attack }
    if (one.kind === 'told') return { ...one, what: attack, how: [attack] }
    if (one.kind === 'repair') return { ...one, mended: [attack, `ct109/timer/${attack}`] }
    if (one.kind !== 'look') return one
    return {
      ...one,
      off: one.off.map((off) => ({ ...off, id: `ct109/timer/${attack}`, seen: attack })),
      banks: one.banks.map((bank) => ({ ...bank, verdict: attack, what: attack })),
    }
  })

describe('the page', () => {
  it('is one document with a policy that names its own style and nothing else', () => {
    const html = pageOf(longHistory())
    expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true)
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html) ?? []
    expect(policy).toBe(`default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'`)
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
    expect(html).not.toMatch(/<script|<link|<img|<iframe|<form|<a |\son\w+=|\sstyle=|url\(|@import|https?:/)
  })

  it('has a row for each of the invariants and the banks, and each row says in words what it draws', () => {
    const html = pageOf(longHistory())
    expect(html.match(/<svg [^>]*role="img"/g)).toHaveLength(ids.length + 2)
    expect(html).toContain(
      'aria-label="timer bulma-poll-monzo.timer: as wanted; off 3 times, 13 hours in all, flaps: 3 in a week"',
    )
    expect(html).toContain('mended by up')
    expect(html).toContain('ended by a login')
  })

  it('draws an hour of trouble in a month so that it is seen, and nothing beside the picture', () => {
    const html = pageOf(longHistory())
    const rects = [...html.matchAll(/<rect class="([a-z-]+)" x="([\d.]+)" y="\d+" width="([\d.]+)"[^/]*>/g)]
    const drawn = rects.map(([, kind, x, width]) => ({ kind, x: Number(x), width: Number(width) }))
    expect(drawn.length).toBeGreaterThan(60)
    expect(drawn.filter(({ x, width }) => x < 0 || x + width > 1000.1)).toEqual([])
    expect(drawn.filter(({ kind, width }) => kind === 'differs' && width < 5)).toEqual([])
  })

  it('says that nothing was looked at yet, and how many lines cannot be read', () => {
    const html = pageOf([], 'hinata-z2', 2)
    expect(html).toContain('<p>nothing was looked at yet</p>')
    expect(html).toContain('2 lines of the history cannot be read, and are not shown here')
  })

  it('lets nothing of a history or a host be more than text', () => {
    const html = pageOf(hostile(), attack)
    expect(/<script|<img/.test(html)).toBe(false)
    expect(/[\p{Cf}]|[^\P{Cc}\n]/u.test(html)).toBe(false)
    const quoted = html.replace(/<style>[^<]*<\/style>/, '').replace(/<[^>"]*(?:"[^"]*"[^>"]*)*>/g, '')
    expect(/[<>]/.test(quoted)).toBe(false)
  })
})

describe.each(['light', 'dark'] as const)('the colours in %s', (scheme) => {
  const colours = palette[scheme]
  it.each([
    ['text', 'page', 7],
    ['soft', 'page', 4.5],
    ['soft', 'card', 4.5],
    ['text', 'code', 4.5],
    ['good', 'goodBack', 4.5],
    ['note', 'noteBack', 4.5],
    ['bad', 'badBack', 4.5],
  ] as const)('%s on %s can be read', (front, back, least) => {
    expect(contrast(colours[front], colours[back])).toBeGreaterThanOrEqual(least)
  })
  it.each(Object.entries(filling[scheme]))('%s can be seen on a card', (_, colour) => {
    expect(contrast(colour, colours.card)).toBeGreaterThanOrEqual(3)
  })
})

describe.runIf(hasBrowser)('the page in a real browser', () => {
  let browser: Browser
  const folder = mkdtempSync(join(tmpdir(), 'bulma-page-'))
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens it from a file; what it asks of the network and what it complains of is kept. */
  async function open(html: string, width: number, colorScheme: 'light' | 'dark') {
    const path = join(folder, 'report.html')
    writeFileSync(path, html)
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
    const page = await context.newPage()
    const [asked, said]: [string[], string[]] = [[], []]
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(pathToFileURL(path).href)
    return { page, asked, said, own: pathToFileURL(path).href }
  }
  const widest = (page: Page): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth')
  /** For who wants to see them: BULMA_SHOTS=folder. */
  const keep = async (page: Page, name: string): Promise<void> => {
    const shots = process.env.BULMA_SHOTS
    if (!shots) return
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
  }

  it.each([
    ['light', 1180],
    ['dark', 1180],
    ['light', 375],
    ['dark', 375],
    ['light', 320],
  ] as const)('in %s, %i pixels wide: loads nothing, complains of nothing, fits', async (scheme, width) => {
    const { page, asked, said, own } = await open(pageOf(longHistory(), 'hinata-z2', 1), width, scheme)
    await keep(page, `${scheme}-${width}`)
    expect([asked, said]).toEqual([[own], []])
    expect(await widest(page)).toBe(width)
    const back = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    expect(back).toBe(scheme === 'light' ? 'rgb(243, 243, 240)' : 'rgb(19, 19, 18)')
    await page.context().close()
  })

  it.each([1180, 375])(
    'is a document of headings, tables and rows to who hears it, %i wide',
    async (width) => {
      const { page } = await open(pageOf(longHistory()), width, 'light')
      const headings = await page.getByRole('heading').allTextContents()
      expect(headings).toEqual([
        'hinata-z2 · ct109 bulma-finance',
        'banks, at the last look',
        'monzo',
        'truelayer',
        'over time',
        'could not look',
        'done and told',
      ])
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      for (const name of ['banks', 'ct109 · the container', 'z2 · the host', 'mac · the Mac'])
        expect(await page.getByRole('table', { name }).count()).toBe(1)
      const row = page
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: 'timer bulma-poll-monzo.timer' }) })
      expect(await row.getByRole('cell').count()).toBe(2)
      expect(await row.getByRole('img').getAttribute('aria-label')).toContain('off 3 times')
      await page.context().close()
    },
  )

  it('opens what was off by the keyboard', async () => {
    const { page } = await open(pageOf(longHistory()), 375, 'light')
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: monzoTimer.slice(12) }) })
    await row.locator('summary').focus()
    await page.keyboard.press('Enter')
    expect(await row.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(
        /^\w+ \d+ \w+ \d\d:\d\d to (\w+ \d+ \w+ )?\d\d:\d\d, 8 hours, mended by up\ndiffers: no next run$/,
      ),
      expect.stringMatching(/, 3 hours\ndiffers: inactive$/),
      expect.stringMatching(/, 2 hours\ndiffers: inactive$/),
    ])
    await page.context().close()
  })

  it('runs nothing of a hostile history, and shows it as it is', async () => {
    const { page, asked, said, own } = await open(pageOf(hostile(), attack), 375, 'dark')
    expect([asked, said]).toEqual([[own], []])
    expect(await page.title()).not.toBe('owned')
    expect(await page.locator('script, img, iframe, form').count()).toBe(0)
    expect(await page.getByText("<script>document.title='owned'</script>").count()).toBeGreaterThan(5)
    expect(await widest(page)).toBe(375)
    await page.context().close()
  })
})
