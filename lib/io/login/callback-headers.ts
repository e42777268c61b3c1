import { createHash } from 'node:crypto'
import { style } from '../../login/callback-page-style.ts'

const styleHash = createHash('sha256').update(style).digest('base64')

const everywhere = {
  // One request a connection: nothing is left open when the login is over.
  Connection: 'close',
  // The address holds a code: it is neither kept nor told to anybody.
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** For the page: nothing but its own style, and in nobody's frame. */
export const pageHeaders = {
  ...everywhere,
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
}

/** For what no person is meant to read. */
export const plainHeaders = {
  ...everywhere,
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
}
