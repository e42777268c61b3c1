import type { Config } from '../config.ts'
import { exitCode } from '../exit-code.ts'
import { type Bank, fileNames } from '../invariant.ts'
import { Problem } from '../problem.ts'
import { pathInCommand } from '../quote.ts'
import { jsonObject } from './token-reply.ts'

/** Who this software is at a bank. */
export type Credentials = {
  id: string
  secret: string
  /** as registered at the bank, where the file says so */
  redirectUri?: string
  /** the file as it is, for the copy that CT109 needs */
  text: string
}

const consoles: Record<Bank, string> = {
  monzo: "Monzo's developer console at developers.monzo.com (Clients; Confidential must be set)",
  truelayer: "TrueLayer's Console at truelayer.com (App settings, live)",
}

/** What a credentials file must hold, ready to be typed. */
const shape = (bank: Bank, { keyNames }: Pick<Config, 'keyNames'>): string =>
  JSON.stringify({
    [keyNames.clientId]: '…',
    [keyNames.clientSecret]: '…',
    ...(bank === 'monzo' && { redirect_uri: 'http://localhost:5001/monzo/callback' }),
  })

type Names = Pick<Config, 'keyNames'>

/** The error of a credentials file that cannot be used. @param why without any value of the file */
export const credentialsProblem = (bank: Bank, config: Names, path: string, why: string): Problem =>
  new Problem(
    {
      what: `${fileNames[bank].credentials} cannot be used`,
      why: `${why}\nclient id and secret come from ${consoles[bank]}`,
      next: `write ${path}, mode 0600: ${shape(bank, config)}`,
      left: 'nothing was changed, and no bank was talked to',
    },
    exitCode.personNeeded,
  )

/** The error of a credentials file that others on this Mac may read. @param mode its permission bits */
export const openCredentialsProblem = (bank: Bank, path: string, mode: number): Problem =>
  new Problem(
    {
      what: `${fileNames[bank].credentials} is open to others`,
      why: `its mode is 0${(mode & 0o7777).toString(8)}, and the client secret is in it`,
      next: `chmod 600 ${pathInCommand(path)}`,
      left: 'nothing was changed, and no bank was talked to',
    },
    exitCode.personNeeded,
  )

/** @throws Problem (4) that names the field, never its value */
export function parseCredentials(bank: Bank, config: Names, path: string, text: string): Credentials {
  const wrong = (why: string): Problem => credentialsProblem(bank, config, path, why)
  const values = jsonObject(text)
  if (values === null) throw wrong(`${path} is not a JSON object`)
  const field = (name: string): string => {
    const value = values[name]
    if (value === undefined) throw wrong(`${name} is missing in ${path}`)
    if (typeof value !== 'string' || value.trim() === '') throw wrong(`${name} in ${path} is not a text`)
    if (value !== value.trim()) throw wrong(`${name} in ${path} begins or ends with a space`)
    return value
  }
  const { clientId, clientSecret } = config.keyNames
  const redirectUri = values.redirect_uri === undefined ? undefined : field('redirect_uri')
  const read = { id: field(clientId), secret: field(clientSecret), text }
  if (redirectUri === undefined) return read
  if (!/^https?:$/.test(URL.parse(redirectUri)?.protocol ?? ''))
    throw wrong(`redirect_uri in ${path} is not an http or https address`)
  return { ...read, redirectUri }
}
