import { describe, expect, it } from 'vitest'
import {
  type CallbackPage,
  renderBeginning,
  renderPage,
  renderRest,
} from '../../../lib/login/callback-page.ts'
import { endedText } from '../../../lib/login/callback-page-ended.ts'
import { palette } from '../../../lib/login/callback-page-style.ts'
import { type Outcome, pageText } from '../../../lib/login/callback-page-text.ts'
import { contrast } from '../../contrast.ts'

const ended = Object.keys(endedText('monzo')) as Outcome[]
const ignored: Outcome[] = ['no-code', 'not-ours', 'error-not-ours', 'doubled']
const pages = (['monzo', 'truelayer'] as const).flatMap((bank) =>
  [...ended, ...ignored, 'done' as const, 'waiting' as const].map(
    (outcome): CallbackPage => ({ bank, outcome }),
  ),
)
const words = (page: CallbackPage): string => Object.values(pageText(page.bank, page.outcome)).join('\n')

describe('what each page says', () => {
  it.each(pages)(
    '$bank $outcome: what happened, what comes next, the terminal, and that it can be closed',
    (page) => {
      const { what, next, terminal, title } = pageText(page.bank, page.outcome)
      const html = renderPage(page)
      for (const text of [what, next, terminal, title]) {
        expect(text).not.toMatch(/[.!]$|!/)
        expect(text).toMatch(/^[^A-Z]|^(Monzo|TrueLayer)\b/)
      }
      expect(html).toContain('you can close this page')
      expect(html.match(/<h1>/g)).toHaveLength(1)
      expect(html).toContain(`<title>${title.replace("'", '&#39;')}</title>`)
    },
  )

  it('Monzo finished: approve in the app, then back to the terminal', () => {
    expect(words({ bank: 'monzo', outcome: 'done' })).toMatchInlineSnapshot(`
      "good
      monzo login finished
      Monzo gave its tokens, and they are for the right account
      approve in the Monzo app, then go back to your terminal
      if you dismissed the prompt, it sits in the feed
      takes the login to ct109 and waits for your approval"
    `)
  })

  it('TrueLayer finished: nothing to approve', () => {
    expect(words({ bank: 'truelayer', outcome: 'done' })).toMatchInlineSnapshot(`
      "good
      truelayer login finished
      TrueLayer gave its tokens, and they are for the right accounts
      go back to your terminal
      nothing more is needed in the browser
      takes the login to ct109 and runs one poll"
    `)
  })

  it('another account at Monzo: plainly, that the chain on ct109 ended', () => {
    expect(words({ bank: 'monzo', outcome: 'wrong-account' })).toMatchInlineSnapshot(`
      "bad
      this is another account
      it is not the Monzo user that ct109 polls, and its tokens will not be used. if it ended the login on ct109, nothing brings that one back
      log in with the right account
      npm run reauth -- monzo
      asks whether to log this one out at the bank"
    `)
    expect(words({ bank: 'truelayer', outcome: 'wrong-account' })).toContain(
      'those on ct109 are as they were',
    )
  })

  it.each(['unreachable', 'poll-running'] as const)('%s: nothing was exchanged', (outcome) => {
    expect(words({ bank: 'monzo', outcome })).toContain('nothing was exchanged')
  })

  it.each(ignored)('%s: the terminal still waits', (outcome) => {
    expect(pageText('truelayer', outcome).terminal).toContain('still waits')
  })

  it.each(ended)('%s: the terminal does not wait, and no page of an end says that it does', (outcome) => {
    expect(words({ bank: 'monzo', outcome })).not.toContain('still waits')
  })
})

describe('the page as HTML', () => {
  it('has no script and loads nothing', () => {
    for (const page of pages) {
      expect(renderPage(page)).not.toMatch(
        /<script|<link|<img|<iframe|<form|<a |\bsrc=|\bhref=|url\(|@import|\bon\w+=|style=/i,
      )
    }
  })

  it('comes in two parts as one document with two cards, the last of which is shown', () => {
    const whole = renderBeginning('monzo') + renderRest({ bank: 'monzo', outcome: 'done' })
    expect(whole.match(/<article /g)).toHaveLength(2)
    expect(whole.match(/<\/html>/g)).toHaveLength(1)
    expect(whole.indexOf('data-outcome="waiting"')).toBeLessThan(whole.indexOf('data-outcome="done"'))
  })
})

describe.each(['light', 'dark'] as const)('the colours in %s', (scheme) => {
  const colours = palette[scheme]
  it.each([
    ['text', 'card', 7],
    ['text', 'code', 7],
    ['soft', 'card', 4.5],
    ['good', 'goodBack', 4.5],
    ['busy', 'busyBack', 4.5],
    ['note', 'noteBack', 4.5],
    ['bad', 'badBack', 4.5],
  ] as const)('%s on %s can be read', (front, back, least) => {
    expect(contrast(colours[front], colours[back])).toBeGreaterThanOrEqual(least)
  })
})
