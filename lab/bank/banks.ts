import type { z } from 'zod'
import { driveBank, type SimulatedBank } from './bank.ts'
import { type BankState, type Book, mint } from './book.ts'
import { type Client, labClients } from './client.ts'
import { type Control, controlServer, newControlToken, type Order, obey } from './control.ts'
import { type Knobs, type MonzoKnobs, monzoKnobs, type TruelayerKnobs, truelayerKnobs } from './knob.ts'
import { monzoRoute } from './monzo.ts'
import { isApproved } from './monzo-data.ts'
import { approve } from './monzo-page.ts'
import { bankServer, listen } from './server.ts'
import { loadState, saveState } from './state-file.ts'
import { randomTail } from './token.ts'
import { truelayerRoute } from './truelayer.ts'
import { makeAccess } from './truelayer-token.ts'

export type BanksOptions = {
  /** where both banks listen: loopback, or an address of the lab's own network */
  host?: string
  /** 0 takes a free port */
  monzoPort?: number
  truelayerPort?: number
  /** where the control endpoint listens; never where the banks' clients are, unless that is loopback */
  controlHost?: string
  controlPort?: number
  controlToken?: string
  /** the banks' clock, in epoch milliseconds */
  now?: () => number
  /** the random tail of each token */
  tail?: () => string
  /** state is read from it at the start and kept in it */
  stateFile?: string
  clients?: Partial<Record<'monzo' | 'truelayer', Client>>
}

export type Banks = {
  monzo: SimulatedBank<MonzoKnobs, z.input<typeof monzoKnobs>>
  truelayer: SimulatedBank<TruelayerKnobs, z.input<typeof truelayerKnobs>>
  control: Control
  /** does in this process what the control endpoint would */
  obey(order: Order): unknown
  close(): Promise<void>
}

const natwestScopes = ['info', 'accounts', 'balance', 'cards', 'transactions', 'offline_access']

/** Starts both banks and their control endpoint. Throws what node throws when an address cannot be had, or a bad state file. */
export async function startBanks(options: BanksOptions = {}): Promise<Banks> {
  const { host = '127.0.0.1', now = Date.now, tail = randomTail, stateFile } = options
  const saved = loadState(stateFile)
  const save = (): void => saveState(stateFile, saved)
  const ports = { monzo: 0, truelayer: 0 }
  const book = <K extends Knobs>(bank: 'monzo' | 'truelayer', state: BankState, knobs: K): Book<K> => {
    // the state keeps the very object, so that a knob that is turned is saved with the rest
    state.knobs = knobs
    const client = options.clients?.[bank] ?? labClients[bank]
    return {
      bank,
      client,
      state,
      knobs,
      logins: new Map(),
      now,
      tail,
      url: () => `http://${host}:${ports[bank]}`,
    }
  }
  const monzoBook = book('monzo', saved.monzo, monzoKnobs.parse(saved.monzo.knobs))
  const truelayerBook = book('truelayer', saved.truelayer, truelayerKnobs.parse(saved.truelayer.knobs))

  const monzo = driveBank(
    monzoBook,
    {
      schema: monzoKnobs,
      scopes: [],
      evicts: true,
      makeAccess: (one) => mint(one, 'access-token'),
      isApproved,
      approve,
      approveAt: ({ knobs }) => (typeof knobs.approve === 'number' ? now() + knobs.approve : null),
    },
    save,
  )
  const truelayer = driveBank(
    truelayerBook,
    {
      schema: truelayerKnobs,
      scopes: natwestScopes,
      evicts: false,
      makeAccess,
      isApproved: () => true,
      approve: () => 0,
      approveAt: () => null,
    },
    save,
  )

  const token = options.controlToken ?? newControlToken()
  const controlHost = options.controlHost ?? '127.0.0.1'
  const control = await listen(
    controlServer({ monzo, truelayer }, token),
    controlHost,
    options.controlPort ?? 0,
  )
  const open = [control]
  const close = async (): Promise<void> => void (await Promise.all(open.map((one) => one.close())))
  try {
    open.push(await listen(bankServer(monzoBook, monzoRoute, save), host, options.monzoPort ?? 0))
    ports.monzo = open[1]?.port ?? 0
    open.push(await listen(bankServer(truelayerBook, truelayerRoute, save), host, options.truelayerPort ?? 0))
    ports.truelayer = open[2]?.port ?? 0
  } catch (error) {
    await close()
    throw error
  }
  return {
    monzo,
    truelayer,
    control: { url: `http://${controlHost}:${control.port}`, token },
    obey: (what) => obey({ monzo, truelayer }, what),
    close,
  }
}
