import type { Config } from '../config.ts'
import { type Bank, fileNames } from '../invariant.ts'
import {
  contradicting,
  disagreeing,
  notAPort,
  samePath,
  unknownUri,
  unusable,
} from './callback-address-problem.ts'

/** Where a login comes back to. */
export type CallbackAddress = {
  /** letter for letter as given: banks compare it so */
  redirectUri: string
  port: number
  /** as a browser asks for it */
  path: string
}

/** A redirect URI and where it was read, as a person would look for it. */
export type Given = { uri: string; from: string }

export type AddressWanted = {
  bank: Bank
  config: Pick<Config, 'monzo' | 'truelayer'>
  /** `redirect_uri` in monzo_credentials.json; null when there is none */
  monzoRegistered: string | null
  /** the flag `--port` */
  port: string | undefined
  /** the flag `--redirect-uri` */
  redirectUri: string | undefined
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

/** The host names that a request to our port may carry. Any other is a page of somebody else's (DNS rebinding). */
export const hostsAt = (port: number): string[] => loopback.map((host) => `${host}:${port}`)

/**
 * The address that the bank sends the browser back to: the flag, else what is registered as far as that is known. Both banks
 * compare redirect URIs letter for letter, so nothing is put together here out of parts.
 * @throws Problem (64) when it is not known, cannot be used, or contradicts `--port` or the other bank's
 */
export function callbackAddress(wanted: AddressWanted): CallbackAddress {
  const { bank, redirectUri } = wanted
  judgeFlags(wanted)
  const given = redirectUri === undefined ? registered(bank, wanted) : flagged(redirectUri)
  const address = agreed(wanted, given)
  const other = otherUri(bank, wanted)
  if (other !== null && pathOf(other) === address.path) throw samePath(bank, given, other)
  return address
}

/**
 * The two flags as far as they can be judged by themselves, before any file is read.
 * @throws Problem (64) when one cannot be used, or they contradict each other
 */
export function judgeFlags(flags: Flags): void {
  const { port, redirectUri } = flags
  if (port !== undefined && !isPort(port)) throw notAPort(port)
  if (redirectUri !== undefined) agreed(flags, flagged(redirectUri))
}

type Flags = Pick<AddressWanted, 'bank' | 'port' | 'redirectUri'>

const flagged = (uri: string): Given => ({ uri, from: '--redirect-uri' })

function agreed({ bank, port }: Flags, given: Given): CallbackAddress {
  const address = parse(bank, given)
  if (port !== undefined && Number(port) !== address.port) throw disagreeing(bank, port, given)
  return address
}

const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535

const pathOf = (uri: string): string | null => (URL.canParse(uri) ? new URL(uri).pathname : null)

function registered(bank: Bank, { config, monzoRegistered }: AddressWanted): Given {
  const from = `bulma:${bank}.redirectUri`
  if (bank === 'truelayer') return { uri: config.truelayer.redirectUri, from }
  const configured = config.monzo.redirectUri
  const file = fileNames.monzo.credentials
  if (monzoRegistered === null) {
    if (configured === undefined) throw unknownUri()
    return { uri: configured, from }
  }
  const given = { uri: monzoRegistered, from: file }
  if (configured !== undefined && configured !== monzoRegistered) throw contradicting(given, configured)
  return given
}

const otherUri = (bank: Bank, { config, monzoRegistered }: AddressWanted): string | null =>
  bank === 'monzo' ? config.truelayer.redirectUri : (monzoRegistered ?? config.monzo.redirectUri ?? null)

function parse(bank: Bank, given: Given): CallbackAddress {
  const { uri } = given
  const fail = (why: string): never => {
    throw unusable(bank, given, why)
  }
  // The URL parser drops tabs and line ends and forgives much else; a bank that compares letters does not.
  if (!/^[\x21-\x7e]+$/.test(uri) || !URL.canParse(uri)) return fail('is not a web address')
  const url = new URL(uri)
  if (url.protocol !== 'http:') return fail('must begin with http://, since it is this machine')
  if (!loopback.includes(url.hostname)) return fail('must name localhost, 127.0.0.1 or [::1]')
  if (url.username || url.password) return fail('must not hold a user name or a password')
  if (url.port === '' || url.port === '0') return fail('must name a port')
  if (/[?#]/.test(uri)) return fail('must end with its path')
  if (url.pathname === '/') return fail('must have a path of its own')
  return { redirectUri: uri, port: Number(url.port), path: url.pathname }
}
