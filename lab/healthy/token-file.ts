import { clientSecrets, tokens, transitTokens } from '../sim/secret.ts'
import type { Bank, World } from '../world.ts'
import { freshUntil, rotatedAt } from './poll-time.ts'

export const dataFolder = '/mnt/data/hinata/data/bulma'
/** what the runbooks' `chmod o+rw` makes of scp's 0644 */
const tokenMode = 0o646
const credentialsMode = 0o644
const folderMode = 0o757
const privateMode = 0o600
const dayMs = 86_400_000

export const tokenPath = (bank: Bank): string => `${dataFolder}/tokens_${bank}.json`
export const credentialsPath = `${dataFolder}/monzo_credentials.json`

/** The Mac's folder of a bank, below the home folder, as the runbooks have them. */
export const macFolder: Record<Bank, string> = {
  monzo: '/Sandpit/hinata-sandpit/data/bulma',
  truelayer: '/Sandpit/hinata/data/bulma',
}
export const macCredentialsPath = (bank: Bank): string => `${macFolder[bank]}/${bank}_credentials.json`
export const transitPath = (bank: Bank): string => `${macFolder[bank]}/tokens_${bank}.json`

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

/** The text of a token file; `daysOld` is the age of the full login, which only TrueLayer's file records. */
export function tokenText(bank: Bank, now: Date, daysOld = 41): string {
  const { refresh, access } = tokens[bank]
  const common = { access_token: access, refresh_token: refresh, expires_at: seconds(freshUntil(bank, now)) }
  if (bank === 'monzo') return json(common)
  return json({ ...common, full_auth_at: seconds(new Date(now.getTime() - daysOld * dayMs)) })
}

/** A login that was not pushed. */
export function transitText(bank: Bank, now: Date): string {
  const { refresh, access } = transitTokens[bank]
  return json({ access_token: access, refresh_token: refresh, expires_at: seconds(now) + 21_600 })
}

export function credentialsText(bank: Bank): string {
  const client_id = `oauth2client_simulated_${bank}`
  const client_secret = clientSecrets[bank]
  if (bank === 'truelayer') return json({ client_id, client_secret })
  return json({ client_id, client_secret, redirect_uri: 'http://localhost:5001/monzo/callback' })
}

export function healthyDataFolder(world: World): void {
  world.folder('z2', dataFolder, folderMode)
}

export function healthyToken(world: World, bank: Bank): void {
  world.remove('z2', tokenPath(bank))
  // Rotated by a poll that the log tells of, or before: a newer file would be a login nobody has polled with.
  const now = world.now()
  world.write('z2', tokenPath(bank), tokenText(bank, now), { mode: tokenMode, at: rotatedAt(bank, now) })
  world.adopt(bank)
}

export function healthyCredentials(world: World): void {
  world.remove('z2', credentialsPath)
  world.write('z2', credentialsPath, credentialsText('monzo'), { mode: credentialsMode })
}

export function healthyMacCredentials(world: World, bank: Bank): void {
  world.remove('mac', macCredentialsPath(bank))
  world.write('mac', macCredentialsPath(bank), credentialsText(bank), { mode: privateMode })
}
