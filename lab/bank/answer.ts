/** What a bank sends back. */
export type Answer = { status: number; headers: Record<string, string>; body: string }

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  // Monzo's captured bodies end with a newline [C], and nobody minds one.
  body: `${JSON.stringify(value)}\n`,
})

export const html = (status: number, body: string): Answer => ({
  status,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  },
  body,
})

export const redirect = (to: string): Answer => ({
  status: 302,
  headers: { Location: to, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' },
  body: '',
})

export const nothing = (status: number): Answer => ({ status, headers: {}, body: '' })
