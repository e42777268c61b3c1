import { describe, expect, it } from 'vitest'
import { redact } from '../../../lib/login/secret-values.ts'

const secret = 'p+ss/w"rd ünd=7'

describe('known secrets', () => {
  it.each([
    ['as they are', `the secret ${secret} was sent`, 'the secret [MASKED] was sent'],
    ['in a URL', `?a=${encodeURIComponent(secret)}&b=1`, '?a=[MASKED]&b=1'],
    [
      'in a URL with small letters',
      `?a=${encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())}&b`,
      '?a=[MASKED]&b',
    ],
    ['in a form', new URLSearchParams({ a: secret, b: '1' }).toString(), 'a=[MASKED]&b=1'],
    ['in JSON', JSON.stringify({ a: secret }), '{"a":"[MASKED]"}'],
  ])('are taken out %s', (_where, text, left) => {
    expect(redact(text, [secret])).toBe(left)
  })

  it.each([0, 1, 2, 3, 4, 5])('are taken out of base64 and base64url, %i bytes into it', (before) => {
    for (const form of ['base64', 'base64url'] as const) {
      const text = Buffer.from(`${'x'.repeat(before)}${secret}:and more`).toString(form)
      const left = redact(`Basic ${text}`, [secret])
      expect(left).toContain('[MASKED]')
      // What is left of it decodes to nothing of the secret but a letter at either end, at most.
      const decoded = left
        .replace('Basic ', '')
        .split('[MASKED]')
        .map((part) => Buffer.from(part, form).toString())
      expect(decoded.join('').includes(secret.slice(1, 4))).toBe(false)
    }
  })

  it('the longer one first, and a value that is too short to be a secret not at all', () => {
    expect(redact('abcdefghij abcdefgh ab', ['abcdefgh', 'abcdefghij', 'ab', ''])).toBe(
      '[MASKED] [MASKED] ab',
    )
  })
})
