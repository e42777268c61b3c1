import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BanksOptions } from '../../../lab/bank/banks.ts'
import type { Bank } from '../../../lib/invariant.ts'
import type { Endpoints } from '../../../lib/io/login/endpoint.ts'
import { type Exchange, exchange } from '../../../lib/io/login/exchange.ts'
import { readPending } from '../../../lib/io/login/recover.ts'
import { tokensIn } from '../../../lib/login/token-reply.ts'
import { bankPlace, callback } from '../../bank/bank-place.ts'
import { temporaryFolder } from '../../lab/temporary-folder.ts'

export const scopes = 'info accounts balance cards transactions offline_access'

/** Two simulated banks, a Mac's folder, and what a login has in hand when the browser is back. */
export async function exchangePlace(name: string, options: BanksOptions = {}) {
  const place = await bankPlace(options)
  const folder = temporaryFolder(`exchange-${name}`)
  const endpointsOf = (bank: Bank): Endpoints => ({
    authorizationEndpoint: `${place.url(bank)}/`,
    tokenEndpoint: place.tokenUrl(bank),
    apiUrl: place.url(bank, bank === 'truelayer' ? '/data/v1' : ''),
  })
  const privateFolder = join(folder, '.reauth')
  let logins = 0
  return {
    ...place,
    folder,
    privateFolder,
    endpointsOf,
    /** Goes through the pages of a bank to the end; `changes` go to the authorisation link. */
    async comeBack(
      bank: Bank,
      changes: Partial<Exchange> & { link?: Record<string, string>; who?: string } = {},
    ) {
      const { link = {}, who, ...rest } = changes
      // A link of TrueLayer's works once.
      const state = `state-${++logins}`
      const reply = await place.browse(bank, { state, ...link }, undefined, who)
      const { id, secret } = place.banks[bank].client
      const asked: Exchange = {
        bank,
        folder,
        parameters: new URL(reply.headers.get('location') ?? '').search.slice(1),
        state,
        redirectUri: callback[bank],
        client: { id, secret },
        endpoints: endpointsOf(bank),
        scopes: bank === 'truelayer' ? scopes : null,
        verifier: null,
        ...rest,
      }
      return asked
    },
    exchange,
    /** The refresh token that waits on the Mac. */
    waiting: (bank: Bank): string | undefined => {
      const reply = readPending(bank, folder)
      return reply ? tokensIn(reply).refresh : undefined
    },
    /** How many codes the bank has exchanged. */
    exchanged: (bank: Bank): number =>
      place.banks[bank].audit().filter(({ event }) => event === 'exchange').length,
    /** Everything in the private folder: name, mode, text. */
    files: () =>
      existsSync(privateFolder)
        ? readdirSync(privateFolder)
            .sort()
            .map((file) => ({
              file,
              mode: statSync(join(privateFolder, file)).mode & 0o7777,
              text: readFileSync(join(privateFolder, file), 'utf8'),
            }))
        : [],
    names: (): string[] => (existsSync(privateFolder) ? readdirSync(privateFolder).sort() : []),
    /** An empty folder, for the next trial. */
    clear: () => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { mode: 0o700 })
    },
    async end() {
      await place.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type ExchangePlace = Awaited<ReturnType<typeof exchangePlace>>
