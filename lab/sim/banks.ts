import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Banks, startBanks } from '../bank/banks.ts'
import type { Give } from '../bank/fault.ts'
import { writeBankRecord } from '../bank/record.ts'
import type { Place } from './place.ts'

/** below the ports that systems give away by themselves */
const firstPort = 20_000
const pairs = 6000

/** The ports of a lab are the same whenever it is up, so that an address in a browser or a shell goes on working. */
function preferredPorts({ lab }: Place): [number, number] {
  const number = createHash('sha256').update(lab).digest().readUInt16BE()
  const port = firstPort + (number % pairs) * 2
  return [port, port + 1]
}

/** Starts the simulated banks of a lab on this machine's loopback, on its own ports, or on free ones where they are taken. */
export async function serveBanks(place: Place): Promise<Banks> {
  const [monzoPort, truelayerPort] = preferredPorts(place)
  const options = { host: '127.0.0.1', stateFile: place.bankState }
  return startBanks({ ...options, monzoPort, truelayerPort }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    return startBanks(options)
  })
}

/** In the process of the banks there is nobody to wait for. */
export const giveHere =
  ({ obey }: Banks): Give =>
  (orders) => {
    for (const order of orders) obey(order)
  }

/** Tells the pollers where their banks are, and then everybody else. */
export function announceBanks(place: Place, banks: Banks): void {
  const [monzo, truelayer] = [banks.monzo.url(), banks.truelayer.url()]
  const lines = { MONZO_API: monzo, TRUELAYER_AUTH: truelayer, TRUELAYER_API: truelayer }
  const text = Object.entries(lines).map(([key, url]) => `BULMA_${key}=${url}\n`)
  writeFileSync(join(place.roots.ct109, 'etc/bulma/poll.env'), text.join(''))
  writeBankRecord(place, banks)
}
