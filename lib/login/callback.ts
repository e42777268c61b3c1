import { type CallbackAddress, hostsAt } from './callback-address.ts'

/** What the parameters of a callback come to. */
export type CallbackVerdict =
  /** a code, or the bank's error, for the login that is waited for */
  | { kind: 'arrived' }
  /** our login, and neither a code nor an error in it */
  | { kind: 'no-code' }
  /** of another login, or of none; an OAuth error code where there is one that can be shown */
  | { kind: 'not-ours'; error: string | null }
  /** a parameter came twice, which RFC 6749 (section 3.1) forbids */
  | { kind: 'doubled' }

/** What happened while a callback is waited for, and did not end the wait. */
export type CallbackEvent = Exclude<CallbackVerdict, { kind: 'arrived' }> | { kind: 'no-ipv6' }

/** Nothing longer is read, neither from a browser nor from a terminal. */
export const maxCallbackBytes = 16_384

/**
 * @param parameters the query, or the body of a form_post
 * @param isOurs compares a state with ours, in constant time
 */
export function judgeCallback(parameters: string, isOurs: (state: string) => boolean): CallbackVerdict {
  const given = new URLSearchParams(parameters)
  const names = [...given.keys()]
  if (new Set(names).size < names.length) return { kind: 'doubled' }
  const error = given.get('error') || null
  if (!isOurs(given.get('state') ?? '')) return { kind: 'not-ours', error: error && namedError(error) }
  return given.get('code') || error ? { kind: 'arrived' } : { kind: 'no-code' }
}

// Anybody can send the browser here with any text, so only what looks like an error code of OAuth reaches a terminal.
const namedError = (error: string): string => (/^[a-z][a-z_]{0,39}$/.test(error) ? error : 'an error')

/** The event in one line for a terminal; nothing in it was chosen by whoever sent the request. */
export function eventText(event: CallbackEvent): string {
  if (event.kind === 'no-ipv6') return 'this machine has no IPv6 loopback; listening on 127.0.0.1 alone'
  const what = {
    'no-code': 'the browser came back without a code',
    doubled: 'the browser came back with a doubled parameter',
    'not-ours':
      event.kind === 'not-ours' && event.error !== null
        ? `the browser reported ${event.error}`
        : 'the browser came back from another login',
  }[event.kind]
  return `${what}; still waiting, Ctrl-C stops`
}

/**
 * The parameters in a final address that a person pasted, null when it is no such address. Blanks, quotes and what terminals
 * put around pasted text may surround it, and browsers hide the scheme.
 */
export function pastedParameters(text: string, { port, path }: CallbackAddress): string | null {
  if (text.length > maxCallbackBytes) return null
  const bare = text.replace(pasteMarks, '').replace(/^[\s"'`<“”‘’]+|[\s"'`>“”‘’]+$/g, '')
  const [, host, rest] = bare.match(/^(?:http:\/\/)?([^/?#]+)(\/\S*)$/i) ?? []
  if (host === undefined || rest === undefined || !hostsAt(port).includes(host.toLowerCase())) return null
  const [, pathPart, query] = rest.match(/^([^?#]*)\?([^#]*)/) ?? []
  return pathPart === path && query ? query : null
}

// Bracketed paste (xterm): ESC [ 200 ~ before the text and ESC [ 201 ~ after it.
const pasteMarks = new RegExp(`${String.fromCharCode(27)}\\[20[01]~`, 'g')
