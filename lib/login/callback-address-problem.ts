import { exitCode } from '../exit-code.ts'
import { type Bank, fileNames } from '../invariant.ts'
import { withoutControls } from '../mask.ts'
import { Problem } from '../problem.ts'
import type { Given } from './callback-address.ts'

const left = 'nothing was looked at and nothing was changed'

/** The usual redirect URI of a bank at a port, for examples. */
const example = (bank: Bank, port = 5001): string => `http://localhost:${port}/${bank}/callback`

/** The two flags that move a login to another port. The bank must know that address as well. */
export const flagsFor = (port: number | string, redirectUri: string): string =>
  `--port ${port} --redirect-uri ${redirectUri.replace(/:\d+(?=\/)/, `:${port}`)}`

/** A redirect URI as it may be shown: whoever wrote a password or a query into one meant no terminal to see it. */
const shown = (uri: string): string =>
  withoutControls(uri)
    .replaceAll('\n', '')
    .replace(/\/\/[^/]*@/, '//…@')
    .replace(/([?#]).*$/, '$1…')

const usage = (what: string, why: string, next: string): Problem =>
  new Problem({ what, why, next, left }, exitCode.usage)

export const notAPort = (text: string): Problem =>
  usage(
    'these arguments are not understood',
    `--port ${JSON.stringify(withoutControls(text))} is not a port, 1 to 65535`,
    'npm run reauth -- --help',
  )

export const unknownUri = (): Problem =>
  usage(
    "Monzo's redirect URI is not known",
    `${fileNames.monzo.credentials} has no redirect_uri,\nand bulma:monzo.redirectUri is not set`,
    `set one of the two to what is registered at developers.monzo.com,\nsuch as ${example('monzo')}`,
  )

export const unusable = (bank: Bank, { uri, from }: Given, why: string): Problem =>
  usage(
    'this redirect URI cannot be used',
    `${from} says ${shown(uri)}:\nit ${why}`,
    `put it right in ${from}: the address that is registered at the bank,\nsuch as ${example(bank)}`,
  )

export const contradicting = ({ uri, from }: Given, configured: string): Problem =>
  usage(
    "Monzo's redirect URI is not known for certain",
    `${from} says ${shown(uri)},\nbulma:monzo.redirectUri says ${shown(configured)}`,
    'take away the one that is not registered at developers.monzo.com',
  )

export const disagreeing = (bank: Bank, port: string, { uri, from }: Given): Problem =>
  usage(
    '--port and the redirect URI do not agree',
    `--port says ${port},\n${from} says ${shown(uri)}`,
    `npm run reauth -- ${bank} ${flagsFor(port, uri)}\nif the bank knows that address: it sends browsers to registered ones only`,
  )

export const samePath = (bank: Bank, { uri, from }: Given, other: string): Problem =>
  usage(
    'the two banks come back to the same path',
    `${from} says ${shown(uri)},\nthe other bank's is ${shown(other)}:\nan answer of one could be taken for the other's`,
    `register another path for one of them, and set it:\nsuch as ${example(bank)}`,
  )
