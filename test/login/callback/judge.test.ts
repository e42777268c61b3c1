import { describe, expect, it } from 'vitest'
import {
  type CallbackEvent,
  eventText,
  judgeCallback,
  pastedParameters,
} from '../../../lib/login/callback.ts'

const isOurs = (state: string): boolean => state === 'OURS'

describe('what the parameters of a callback come to', () => {
  it.each([
    ['code=C&state=OURS', { kind: 'arrived' }],
    ['code=C&scope=info+accounts&state=OURS', { kind: 'arrived' }],
    ['error=access_denied&state=OURS', { kind: 'arrived' }],
    ['error=%3Cb%3E&state=OURS', { kind: 'arrived' }],
    ['state=OURS', { kind: 'no-code' }],
    ['code=&state=OURS', { kind: 'no-code' }],
    ['code=&error=&state=OURS', { kind: 'no-code' }],
    ['code=C&state=THEIRS', { kind: 'not-ours', error: null }],
    ['code=C', { kind: 'not-ours', error: null }],
    ['code=C&state=', { kind: 'not-ours', error: null }],
    ['code=C&STATE=OURS', { kind: 'not-ours', error: null }],
    ['', { kind: 'not-ours', error: null }],
    ['error=access_denied', { kind: 'not-ours', error: 'access_denied' }],
    ['error=access_denied&state=THEIRS', { kind: 'not-ours', error: 'access_denied' }],
    ['error=Your%20account%20is%20closed', { kind: 'not-ours', error: 'an error' }],
    ['error=%1b%5b2J', { kind: 'not-ours', error: 'an error' }],
    [`error=${'x'.repeat(41)}`, { kind: 'not-ours', error: 'an error' }],
    ['code=C&state=OURS&state=OURS', { kind: 'doubled' }],
    ['code=C&code=D&state=OURS', { kind: 'doubled' }],
    ['state=THEIRS&code=C&state=OURS', { kind: 'doubled' }],
    ['code=C&state=OURS&scope=a&scope=b', { kind: 'doubled' }],
    ['code=C&c%6fde=D&state=OURS', { kind: 'doubled' }],
  ])('%s', (parameters, verdict) => {
    expect(judgeCallback(parameters, isOurs)).toEqual(verdict)
  })
})

describe('a pasted address', () => {
  const address = {
    redirectUri: 'http://localhost:5001/monzo/callback',
    port: 5001,
    path: '/monzo/callback',
  }
  const url = 'http://localhost:5001/monzo/callback?code=C&state=S'

  it.each([
    url,
    `  ${url}\t\r`,
    `"${url}"`,
    `'${url}'`,
    `“${url}”`,
    `<${url}>`,
    ` " ${url} " `,
    `\u001b[200~${url}\u001b[201~`,
    url.replace('http://', ''),
    url.replace('http', 'HTTP'),
    url.replace('localhost', 'LocalHost'),
    url.replace('localhost', '127.0.0.1'),
    url.replace('localhost', '[::1]'),
    `${url}#_=_`,
  ])('%j is understood', (text) => {
    expect(pastedParameters(text, address)).toBe('code=C&state=S')
  })

  it.each([
    '',
    'y',
    'code=C&state=S',
    url.replace('5001', '5002'),
    url.replace('localhost', 'example.test'),
    url.replace('localhost', 'localhost.example.test'),
    url.replace('localhost', 'me@localhost'),
    url.replace('http', 'https'),
    url.replace('/callback', '/callback/'),
    url.replace('monzo', 'truelayer'),
    url.replace('?', '/..?'),
    'http://localhost:5001/monzo/callback',
    'http://localhost:5001/monzo/callback?',
    'http://localhost:5001/monzo/callback#?code=C&state=S',
    'https://auth.monzo.com/?redirect_uri=http://localhost:5001/monzo/callback&state=S',
    url.replace('code=C', 'code=C D'),
  ])('%j is not one', (text) => {
    expect(pastedParameters(text, address)).toBeNull()
  })
})

it('nothing longer than 16 KiB is taken for a pasted address', () => {
  const address = { redirectUri: '', port: 5001, path: '/x' }
  const text = `localhost:5001/x?${'y'.repeat(16_384)}`
  expect(pastedParameters(text, address)).toBeNull()
  expect(pastedParameters(text.slice(0, 16_384), address)).not.toBeNull()
})

describe('an event in words', () => {
  it.each<[CallbackEvent, string]>([
    [
      { kind: 'not-ours', error: 'access_denied' },
      'the browser reported access_denied; still waiting, Ctrl-C stops',
    ],
    [
      { kind: 'not-ours', error: null },
      'the browser came back from another login; still waiting, Ctrl-C stops',
    ],
    [{ kind: 'no-code' }, 'the browser came back without a code; still waiting, Ctrl-C stops'],
    [{ kind: 'doubled' }, 'the browser came back with a doubled parameter; still waiting, Ctrl-C stops'],
    [{ kind: 'no-ipv6' }, 'this machine has no IPv6 loopback; listening on 127.0.0.1 alone'],
  ])('%j', (event, text) => {
    expect(eventText(event)).toBe(text)
    expect(text.length).toBeLessThanOrEqual(78)
  })
})
