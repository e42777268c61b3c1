import { describe, expect, it } from 'vitest'
import type { Message } from '../../lib/watch/message.ts'
import {
  commandEnvironment,
  notifySendArguments,
  ntfyPost,
  osascriptArguments,
  webhookPost,
} from '../../lib/watch/way.ts'

const message: Message = {
  kind: 'trouble',
  stack: 'z2',
  host: 'hinata-z2',
  bank: 'monzo',
  title: 'monzo: refresh dead',
  text: 'HTTP 401, 4 minutes ago\nnpm run reauth -- monzo',
  next: 'npm run reauth -- monzo',
  isUrgent: true,
}
const nasty = { ...message, title: '-e "x" \' `id` $(id)', text: '<b>a & b</b> %s \\' }

describe('the notification centre of macOS', () => {
  it('gets every word as an argument of a script that does not change', () => {
    const script = osascriptArguments(message).slice(0, 6)
    expect(script.filter((_, at) => at % 2 === 0)).toEqual(['-e', '-e', '-e'])
    expect(osascriptArguments(nasty).slice(0, 6)).toEqual(script)
    expect(osascriptArguments(nasty).slice(6)).toEqual(['bulma · hinata-z2', nasty.title, nasty.text])
  })
})

describe('notify-send', () => {
  it('gets a title that is no option and a body that is no markup', () => {
    expect(notifySendArguments(nasty)).toEqual([
      '--app-name=bulma',
      '--urgency=critical',
      '--',
      nasty.title,
      '&lt;b&gt;a &amp; b&lt;/b&gt; %s \\',
    ])
  })

  it('stays on the screen only for what a person must do', () => {
    expect(notifySendArguments({ ...message, isUrgent: false })).toContain('--urgency=normal')
  })
})

describe('ntfy', () => {
  it.each([
    ['https://ntfy.sh/bulma-1234', 'https://ntfy.sh/', 'bulma-1234'],
    ['https://ntfy.sh/bulma-1234/', 'https://ntfy.sh/', 'bulma-1234'],
    ['http://10.0.0.2:8080/push/b%20c?auth=QmE', 'http://10.0.0.2:8080/push/?auth=QmE', 'b c'],
  ])('posts %s to the server with its topic', (address, url, topic) => {
    const post = ntfyPost(address, message)
    expect(post.url).toBe(url)
    expect(JSON.parse(post.body)).toEqual({ topic, title: message.title, message: message.text, priority: 4 })
  })

  it('sends a name and a password where HTTP wants them', () => {
    const { url, headers } = ntfyPost('https://me:p%40ss@ntfy.sh/bulma', message)
    expect([url, headers.authorization]).toEqual([
      'https://ntfy.sh/',
      `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    ])
    expect(ntfyPost('https://ntfy.sh/bulma', message).headers).not.toHaveProperty('authorization')
  })
})

describe('a webhook', () => {
  it('gets the finding in fields, and as one text for chats', () => {
    const { url, body } = webhookPost('https://hooks.example/T/B/x', message, '2026-11-22T04:07:00.000Z')
    const whole = 'monzo: refresh dead\nHTTP 401, 4 minutes ago\nnpm run reauth -- monzo'
    expect(url).toBe('https://hooks.example/T/B/x')
    expect(JSON.parse(body)).toEqual({
      kind: 'trouble',
      title: 'monzo: refresh dead',
      details: message.text,
      next: 'npm run reauth -- monzo',
      stack: 'z2',
      host: 'hinata-z2',
      bank: 'monzo',
      at: '2026-11-22T04:07:00.000Z',
      text: whole,
      content: whole,
    })
  })
})

describe('a command', () => {
  it('gets every field as a variable of its own', () => {
    expect(commandEnvironment({ ...message, isUrgent: false })).toEqual({
      BULMA_KIND: 'trouble',
      BULMA_TITLE: message.title,
      BULMA_TEXT: message.text,
      BULMA_NEXT: message.next,
      BULMA_STACK: 'z2',
      BULMA_HOST: 'hinata-z2',
      BULMA_BANK: 'monzo',
      BULMA_URGENT: 'no',
    })
  })
})
